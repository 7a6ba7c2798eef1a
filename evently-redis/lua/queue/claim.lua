-- Claims jobs of one partition: those that are free again, then new ones.
--
-- KEYS        1 line (stream)  2 jobs (hash)  3 taken (sorted set: when what is pending is free)  4 owner (string)
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 most jobs  4 how long claims are good, in µs
-- Returns     a list; for each job: its entry, how often it was delivered, whether it was handed to somebody before
--             (1 or 0), its id, the job (false if it is missing)
-- Complexity  O(jobs × log(pending))

local line, jobs, taken, owner = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local consumer, most = ARGV[2], tonumber(ARGV[3])
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local free_at = string.format('%.0f', now + tonumber(ARGV[4]))

-- The group is made when it is first missed, also after a flush.
local function grouped(...)
    local answer = redis.pcall(...)
    if type(answer) == 'table' and answer.err then
        redis.call('XGROUP', 'CREATE', line, 'workers', '0', 'MKSTREAM')
        answer = redis.call(...)
    end
    return answer or {}
end

local entries, ids, counts, befores = {}, {}, {}, {}
local function take(entry, count, before)
    local at = #entries + 1
    entries[at], ids[at], counts[at], befores[at] = entry[1], entry[2] and entry[2][2] or '', count, before
end

local free = redis.call('ZRANGEBYSCORE', taken, '-inf', string.format('%.0f', now), 'LIMIT', 0, most)
if #free > 0 then
    -- Those that are gone from the line are not answered, and not to be looked at again.
    redis.call('ZREM', taken, unpack(free))
    for _, entry in ipairs(grouped('XCLAIM', line, 'workers', consumer, 0, unpack(free))) do
        local pending = redis.call('XPENDING', line, 'workers', entry[1], entry[1], 1)[1]
        take(entry, pending[4], 1)
    end
end
if #entries < most then
    local streams =
        grouped('XREADGROUP', 'GROUP', 'workers', consumer, 'COUNT', most - #entries, 'STREAMS', line, '>')
    for _, entry in ipairs(streams[1] and streams[1][2] or {}) do
        take(entry, 1, 0)
    end
end
if #entries == 0 then
    return {}
end

local scores = {}
for _, entry in ipairs(entries) do
    scores[#scores + 1] = free_at
    scores[#scores + 1] = entry
end
redis.call('ZADD', taken, unpack(scores))
redis.call('SET', owner, consumer)
local found = redis.call('HMGET', jobs, unpack(ids))
local deliveries = {}
for at, entry in ipairs(entries) do
    deliveries[at] = { entry, counts[at], befores[at], ids[at], found[at] }
end
return deliveries
