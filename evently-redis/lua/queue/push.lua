-- Queues jobs in one partition: each once, and one for each idempotency key.
--
-- KEYS        1 line (stream)  2 jobs (hash)  3 keys (hash)  4 asleep (string)
-- ARGV        1 most unsettled jobs  2 bell (channel)  3 the partition's number
--             4… three a job: id, key with its scope (or ""), the job
-- Returns     for each job: "" it is queued or was known; the id of an unsettled job with its key; "full"
-- Complexity  O(jobs)

local line, jobs, keys, asleep = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local free = tonumber(ARGV[1]) - redis.call('XLEN', line)

-- Which of these jobs are known, and whose their keys are.
local ids, scoped = {}, {}
for at = 4, #ARGV, 3 do
    ids[#ids + 1] = ARGV[at]
    if ARGV[at + 1] ~= '' then
        scoped[#scoped + 1] = ARGV[at + 1]
    end
end
local known, holders = {}, {}
for place, job in ipairs(redis.call('HMGET', jobs, unpack(ids))) do
    known[ids[place]] = job
end
if #scoped > 0 then
    for place, id in ipairs(redis.call('HMGET', keys, unpack(scoped))) do
        holders[scoped[place]] = id
    end
end

local new_jobs, new_keys = {}, {}
local function push(id, key, job)
    if known[id] then
        return ''
    end
    if holders[key] then
        return holders[key]
    end
    if free <= 0 then
        return 'full'
    end
    free = free - 1
    known[id] = true
    new_jobs[#new_jobs + 1] = id
    new_jobs[#new_jobs + 1] = job
    if key ~= '' then
        holders[key] = id
        new_keys[#new_keys + 1] = key
        new_keys[#new_keys + 1] = id
    end
    redis.call('XADD', line, '*', 'id', id, 'key', key)
    return ''
end

local answers = {}
for at = 4, #ARGV, 3 do
    answers[#answers + 1] = push(ARGV[at], ARGV[at + 1], ARGV[at + 2])
end
if #new_jobs > 0 then
    redis.call('HSET', jobs, unpack(new_jobs))
    if #new_keys > 0 then
        redis.call('HSET', keys, unpack(new_keys))
    end
    if redis.call('DEL', asleep) == 1 then
        redis.call('PUBLISH', ARGV[2], ARGV[3])
    end
end
return answers
