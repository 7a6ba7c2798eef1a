-- Ends claimed jobs of one partition, each if its claim is good.
--
-- KEYS        those of the partition
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 most dead letters
--             4… for a single job: its entry, 0, deliveries, what to do (forget, keep, bury), the fate;
--             for a chunk: its entry, how many of its jobs follow, and for each its place, what to do, the fate; or
--             its entry and "all", to forget all of them
-- Returns     for each single job and each chunk a string with one character a job: "1" done, "0" the claim is stale;
--             of a whole chunk that is gone, one "0" for all
-- Complexity  O(jobs × log(pending))

local consumer, now = ARGV[2], nil

local free_keys, forgotten, fates, times = {}, {}, {}, {}
local function settle(id, key, what, fate)
    if key ~= NO_KEY then
        free_keys[#free_keys + 1] = key
    end
    if what == 'forget' then
        forgotten[#forgotten + 1] = id
    else
        now = now or instant(ARGV[1])
        fates[#fates + 1], fates[#fates + 2] = id, '=' .. whole(now) .. ' ' .. fate
        times[#times + 1], times[#times + 2] = whole(now), id
    end
end

-- A dead letter's id is when it was settled, unless the clock has gone back.
local function bury(id, deliveries, job)
    local function add(entry)
        return redis.pcall(
            'XADD', dead, 'MAXLEN', ARGV[3], entry, 'id', id, 'deliveries', deliveries, 'job', job
        )
    end
    local added = add(whole(math.floor(now / 1000)) .. '-*')
    if type(added) == 'table' and added.err then
        add('*')
    end
end

local function settle_single(entry, deliveries, what, fate)
    if deliveries_of(loose, entry, consumer) ~= tonumber(deliveries) then
        return '0'
    end
    local stored = redis.call('XRANGE', loose, entry, entry)[1]
    redis.call('XACK', loose, 'workers', entry)
    redis.call('XDEL', loose, entry)
    redis.call('ZREM', taken, entry)
    local id, key = stored and stored[2][2] or '', stored and stored[2][4] or NO_KEY
    settle(id, key, what, fate)
    if what == 'forget' then
        redis.call('HDEL', jobs, id)
    elseif what == 'bury' then
        bury(id, deliveries, redis.call('HGET', jobs, id) or '')
    end
    return '1'
end

local function settle_some(chunk, from, count)
    local each, bodies, answer = nil, {}, {}
    for at = from, from + (count - 1) * 3, 3 do
        local place, what, fate = tonumber(ARGV[at]), ARGV[at + 1], ARGV[at + 2]
        if chunk and is_in(chunk, place) then
            local id = nth(chunk.ids, place)
            settle(id, nth(chunk.keys, place), what, fate)
            if what ~= 'forget' then
                each = each or written(chunk)
                bodies[#bodies + 1], bodies[#bodies + 2] = id, each[place]
            end
            if what == 'bury' then
                bury(id, 1, each[place])
            end
            leave(chunk, place)
            answer[#answer + 1] = '1'
        else
            answer[#answer + 1] = '0'
        end
    end
    if chunk then
        with_all('HSET', jobs, bodies)
        close(chunk)
    end
    return table.concat(answer)
end

local function settle_all(chunk)
    for place = 1, chunk.count do
        if not chunk.was_left or is_in(chunk, place) then
            settle(nth(chunk.ids, place), nth(chunk.keys, place), 'forget', '')
        end
    end
    local answer = string.gsub(chunk.left, '.', { ['0'] = '1', ['1'] = '0' })
    chunk.left = string.rep('1', chunk.count)
    close(chunk)
    return answer
end

local answers, at = {}, 4
while at <= #ARGV do
    local entry, how = ARGV[at], ARGV[at + 1]
    if how == '0' then
        answers[#answers + 1] = settle_single(entry, ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
        at = at + 5
    else
        local chunk = deliveries_of(line, entry, consumer) and chunk_of(entry)
        if how == 'all' then
            answers[#answers + 1] = chunk and settle_all(chunk) or '0'
            at = at + 2
        else
            answers[#answers + 1] = settle_some(chunk, at + 2, tonumber(how))
            at = at + 2 + 3 * tonumber(how)
        end
    end
end
with_all('HDEL', keys, free_keys)
with_all('HDEL', known, forgotten)
with_all('HSET', known, fates)
with_all('ZADD', settled, times)
return answers
