-- Gives claimed jobs of one partition back undecided, each if its claim is good. This delivery is not counted.
--
-- KEYS        1 line (stream)  2 taken (sorted set)  3 asleep (string)
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 when they are free again, in µs from now
--             4 the consumer that stands for nobody  5 bell (channel)  6 the partition's number
--             7… two a job: entry, deliveries
-- Returns     a string with one character a job: "1" done, "0" the claim is stale
-- Complexity  O(jobs × log(pending))

local line, taken = KEYS[1], KEYS[2]
local consumer, nobody = ARGV[2], ARGV[4]
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local free_at = string.format('%.0f', now + tonumber(ARGV[3]))

local answers = {}
for at = 7, #ARGV, 2 do
    local entry, deliveries = ARGV[at], tonumber(ARGV[at + 1])
    -- Without a line or its group, as after a flush, no claim is good.
    local pending = redis.pcall('XPENDING', line, 'workers', entry, entry, 1)[1]
    if type(pending) == 'table' and pending[2] == consumer and pending[4] == deliveries then
        redis.call('XCLAIM', line, 'workers', nobody, 0, entry, 'RETRYCOUNT', deliveries - 1, 'JUSTID')
        redis.call('ZADD', taken, free_at, entry)
        answers[#answers + 1] = '1'
    else
        answers[#answers + 1] = '0'
    end
end
if redis.call('DEL', KEYS[3]) == 1 then
    redis.call('PUBLISH', ARGV[5], ARGV[6])
end
return table.concat(answers)
