-- Queues jobs in one partition, as one chunk: each once, and one for each idempotency key. Forgets what was settled
-- long ago.
--
-- KEYS        those of the partition
-- ARGV        1 most unsettled jobs  2 bell (channel)  3 the partition's number
--             4 the jobs' ids  5 the hashes of their keys, each with its scope (NO_KEY: none)
--             6 the jobs, each after its length in 4 bytes
--             7 now in µs, or "" for the server's time  8 how long fates are kept, in µs
-- Returns     two values for each job that is not queued and was not known: its place, and the id of an unsettled
--             job with its key, or "full"
-- Complexity  O(jobs), and at most 1,000 old fates

local ids, hashes, all = ARGV[4], ARGV[5], ARGV[6]
local count = #ids / 16
local fates = redis.call('ZCARD', settled)
if fates > 0 then
    local limit = instant(ARGV[7]) - tonumber(ARGV[8])
    local old = redis.call('ZRANGEBYSCORE', settled, '-inf', whole(limit), 'LIMIT', 0, 1000)
    if #old > 0 then
        redis.call('ZREM', settled, unpack(old))
        redis.call('HDEL', jobs, unpack(old))
        redis.call('HDEL', known, unpack(old))
        redis.call('XTRIM', dead, 'MINID', whole(math.floor(limit / 1000) + 1))
    end
    fates = fates - #old
end
local free = tonumber(ARGV[1]) - redis.call('HLEN', known) + fates

local id, hash, keyed = {}, {}, {}
for place = 1, count do
    id[place], hash[place] = nth(ids, place), nth(hashes, place)
    if hash[place] ~= NO_KEY then
        keyed[#keyed + 1] = hash[place]
    end
end
local is_known, holder = {}, {}
for place, standing in ipairs(redis.call('HMGET', known, unpack(id))) do
    is_known[id[place]] = standing
end
if #keyed > 0 then
    for place, first in ipairs(redis.call('HMGET', keys, unpack(keyed))) do
        holder[keyed[place]] = first
    end
end

local new, answers = {}, {}
for place = 1, count do
    local one, key = id[place], hash[place]
    if is_known[one] then
        -- Pushed before: nothing is to be done.
    elseif holder[key] or free <= 0 then
        answers[#answers + 1] = place
        answers[#answers + 1] = holder[key] or 'full'
    else
        free = free - 1
        new[#new + 1] = place
        is_known[one] = true
        if key ~= NO_KEY then
            holder[key] = one
        end
    end
end
if #new == 0 then
    return answers
end

if #new < count then
    local some_ids, some_hashes, some, from, next_new = {}, {}, {}, 1, 1
    for place = 1, count do
        local to = from + 3 + struct.unpack('<I4', all, from)
        if new[next_new] == place then
            some_ids[next_new], some_hashes[next_new] = id[place], hash[place]
            some[next_new] = string.sub(all, from, to)
            next_new = next_new + 1
        end
        from = to + 1
    end
    ids, hashes, all = table.concat(some_ids), table.concat(some_hashes), table.concat(some)
end
local entry = redis.call('XADD', line, '*', 'ids', ids, 'keys', hashes)
redis.call('HSET', jobs, entry, all)
local standing, holders = {}, {}
for _, place in ipairs(new) do
    standing[#standing + 1], standing[#standing + 2] = id[place], entry
    if hash[place] ~= NO_KEY then
        holders[#holders + 1], holders[#holders + 2] = hash[place], id[place]
    end
end
with_all('HSET', known, standing)
with_all('HSET', keys, holders)
redis.call('PUBLISH', ARGV[2], ARGV[3])
return answers
