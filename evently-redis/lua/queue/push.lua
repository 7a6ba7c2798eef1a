-- Queues jobs in one partition, as one chunk: each once, and one for each idempotency key. Forgets what was settled
-- long ago.
--
-- KEYS        those of the partition
-- ARGV        1 most unsettled jobs  2 bell (channel)  3 the partition's number
--             4 the jobs' ids  5 the hashes of their keys, each with its scope (NO_KEY: none)
--             6 the jobs, each after its length in 4 bytes
--             7 now in µs, or "" for the server's time  8 how long fates are kept, in µs
--             9 whether no id and no key is there twice (1 or 0)
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
local size = redis.call('HLEN', known)
if size == 0 then
    redis.call('HSET', known, WIDE, '')
    redis.call('HSET', keys, WIDE, '')
    size = 1
end
local free = tonumber(ARGV[1]) - (size - 1) + fates

local id, hash = {}, {}
for place = 1, count do
    id[place], hash[place] = nth(ids, place), nth(hashes, place)
end
-- Nobody holds NO_KEY.
local standing, holder = redis.call('HMGET', known, unpack(id)), redis.call('HMGET', keys, unpack(hash))
local is_plain = ARGV[9] == '1' and free >= count
for place = 1, count do
    if standing[place] or holder[place] then
        is_plain = false
    end
end

-- Keeps those that are new, each once, and for which there is room; answers why not the others.
local function sift()
    local is_known, first, each, answers = {}, {}, {}, {}
    local new, of_new = {}, {}
    local from = 1
    for place = 1, count do
        local one, key = id[place], hash[place]
        local to = from + 3 + struct.unpack('<I4', all, from)
        local twin = key ~= NO_KEY and (holder[place] or first[key])
        if standing[place] or is_known[one] then
            -- Pushed before: nothing is to be done.
        elseif twin or free <= 0 then
            answers[#answers + 1], answers[#answers + 2] = place, twin or 'full'
        else
            free = free - 1
            new[#new + 1], of_new[#of_new + 1] = one, key
            each[#each + 1] = sub(all, from, to)
            is_known[one] = true
            first[key] = one
        end
        from = to + 1
    end
    id, hash = new, of_new
    ids, hashes, all = table.concat(new), table.concat(of_new), table.concat(each)
    return answers
end
local answers = is_plain and {} or sift()
if #id == 0 then
    return answers
end

local entry = redis.call('XADD', line, '*', 'ids', ids, 'keys', hashes)
redis.call('HSET', jobs, entry, all)
local standings, holders = {}, {}
for place, one in ipairs(id) do
    standings[place * 2 - 1], standings[place * 2] = one, entry
    if hash[place] ~= NO_KEY then
        holders[#holders + 1], holders[#holders + 2] = hash[place], one
    end
end
with_all('HSET', known, standings)
with_all('HSET', keys, holders)
redis.call('PUBLISH', ARGV[2], ARGV[3])
return answers
