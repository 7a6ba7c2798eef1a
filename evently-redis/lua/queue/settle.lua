-- Ends claimed jobs of one partition, each if its claim is good; and forgets what was settled long ago.
--
-- KEYS        1 line (stream)  2 jobs (hash: a job by its id, what became of it by its id and ":fate")
--             3 keys (hash)  4 taken (sorted set)  5 settled (sorted set: ids by when)  6 dead (stream)
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 how long fates are kept, in µs
--             4 most dead letters
--             5… five a job: entry, deliveries, id, what to do (forget, keep, bury), the fate
-- Returns     a string with one character a job: "1" done, "0" the claim is stale
-- Complexity  O(jobs × log(pending)), and at most 1,000 old fates

local line, jobs, keys = KEYS[1], KEYS[2], KEYS[3]
local taken, settled, dead = KEYS[4], KEYS[5], KEYS[6]
local consumer = ARGV[2]
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local now_text = string.format('%.0f', now)

local over = now - tonumber(ARGV[3])
local old = redis.call('ZRANGEBYSCORE', settled, '-inf', string.format('%.0f', over), 'LIMIT', 0, 1000)
if #old > 0 then
    redis.call('ZREM', settled, unpack(old))
    for _, id in ipairs(old) do
        redis.call('HDEL', jobs, id, id .. ':fate')
    end
    redis.call('XTRIM', dead, 'MINID', string.format('%.0f', math.floor(over / 1000) + 1))
end

-- A dead letter's id is when it was settled, unless the clock has gone back.
local function bury(id, deliveries)
    local job = redis.call('HGET', jobs, id) or ''
    local function add(entry)
        return redis.pcall(
            'XADD', dead, 'MAXLEN', ARGV[4], entry, 'id', id, 'deliveries', deliveries, 'job', job
        )
    end
    local added = add(string.format('%.0f-*', math.floor(now / 1000)))
    if type(added) == 'table' and added.err then
        add('*')
    end
end

local answers, ended = {}, {}
for at = 5, #ARGV, 5 do
    local entry, deliveries, id, what, fate = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
    -- Without a line or its group, as after a flush, no claim is good.
    local pending = redis.pcall('XPENDING', line, 'workers', entry, entry, 1)[1]
    if type(pending) == 'table' and pending[2] == consumer and pending[4] == tonumber(deliveries) then
        redis.call('XACK', line, 'workers', entry)
        local stored = redis.call('XRANGE', line, entry, entry)[1]
        local key = stored and stored[2][4]
        if key and key ~= '' then
            redis.call('HDEL', keys, key)
        end
        if what == 'forget' then
            redis.call('HDEL', jobs, id)
        else
            redis.call('HSET', jobs, id .. ':fate', now_text .. ' ' .. fate)
            redis.call('ZADD', settled, now_text, id)
        end
        if what == 'bury' then
            bury(id, deliveries)
        end
        ended[#ended + 1] = entry
        answers[#answers + 1] = '1'
    else
        answers[#answers + 1] = '0'
    end
end
if #ended > 0 then
    redis.call('XDEL', line, unpack(ended))
    redis.call('ZREM', taken, unpack(ended))
end
return table.concat(answers)
