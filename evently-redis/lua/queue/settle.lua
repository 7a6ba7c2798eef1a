-- Ends claimed jobs of one partition, each if its claim is good; and forgets what was settled long ago.
--
-- KEYS        1 line (stream)  2 jobs (hash: a job by its id, what became of it by its id and ":fate")
--             3 keys (hash)  4 taken (sorted set)  5 settled (sorted set: ids by when)  6 dead (stream)
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 how long fates are kept, in µs
--             4 most dead letters  5 the first of the entries  6 the last
--             7… five a job: entry, deliveries, id, what to do (forget, keep, bury), the fate
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

-- What was claimed together mostly stands together: so many entries from the first on are looked at in one go, and
-- whichever is behind them alone.
local first, last, most = ARGV[5], ARGV[6], (#ARGV - 6) / 5
local function looked_up(look, value_of)
    local found, values = look(first, last, most), {}
    for _, item in ipairs(found) do
        values[item[1]] = value_of(item)
    end
    return function(entry)
        if values[entry] or #found < most then
            return values[entry]
        end
        local item = look(entry, entry, 1)[1]
        return item and value_of(item)
    end
end
-- Without a line or its group, as after a flush, no claim is good.
local deliveries_of = looked_up(function(from, to, count)
    return redis.pcall('XPENDING', line, 'workers', from, to, count, consumer)
end, function(pending)
    return pending[4]
end)
local key_of = looked_up(function(from, to, count)
    return redis.call('XRANGE', line, from, to, 'COUNT', count)
end, function(entry)
    return entry[2][4]
end)

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

local answers, done = {}, {}
local ended, free_keys, forgotten, fates, times = {}, {}, {}, {}, {}
for at = 7, #ARGV, 5 do
    local entry, deliveries, id, what, fate = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
    if not done[entry] and deliveries_of(entry) == tonumber(deliveries) then
        done[entry] = true
        ended[#ended + 1] = entry
        local key = key_of(entry)
        if key and key ~= '' then
            free_keys[#free_keys + 1] = key
        end
        if what == 'forget' then
            forgotten[#forgotten + 1] = id
        else
            fates[#fates + 1] = id .. ':fate'
            fates[#fates + 1] = now_text .. ' ' .. fate
            times[#times + 1] = now_text
            times[#times + 1] = id
        end
        if what == 'bury' then
            bury(id, deliveries)
        end
        answers[#answers + 1] = '1'
    else
        answers[#answers + 1] = '0'
    end
end

local function all(command, key, values)
    if #values > 0 then
        redis.call(command, key, unpack(values))
    end
end
if #ended > 0 then
    redis.call('XACK', line, 'workers', unpack(ended))
    all('XDEL', line, ended)
    all('ZREM', taken, ended)
    all('HDEL', keys, free_keys)
    all('HDEL', jobs, forgotten)
    all('HSET', jobs, fates)
    all('ZADD', settled, times)
end
return table.concat(answers)
