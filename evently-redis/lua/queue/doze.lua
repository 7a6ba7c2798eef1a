-- Tells how long there will be nothing to claim in one partition, and notes that somebody waits for it, so that
-- whoever brings a job rings the bell.
--
-- KEYS        1 line (stream)  2 taken (sorted set)  3 asleep (string)
-- ARGV        1 now in µs, or "" for the server's time  2 how long there is to wait, in ms
-- Returns     0 if there is something to claim now, else in how many ms there may be without a bell
-- Complexity  O(log(pending) + consumers)

local line, taken, asleep = KEYS[1], KEYS[2], KEYS[3]
local nap = tonumber(ARGV[2])
local first = redis.call('ZRANGE', taken, 0, 0, 'WITHSCORES')
if first[2] then
    local now = tonumber(ARGV[1])
    if not now then
        local time = redis.call('TIME')
        now = time[1] * 1000000 + time[2]
    end
    nap = math.min(nap, math.ceil((tonumber(first[2]) - now) / 1000))
end
-- What is in the line and not pending is new.
local depth = redis.call('XLEN', line)
if depth > 0 then
    local pending = redis.pcall('XPENDING', line, 'workers')[1]
    if depth > (tonumber(pending) or 0) then
        nap = 0
    end
end
if nap <= 0 then
    return 0
end
-- Where there is no memory left for the note, the nap just ends by itself.
redis.pcall('SET', asleep, '', 'PX', ARGV[2])
return nap
