-- Queues jobs in one partition: each once, and one for each idempotency key.
--
-- KEYS        1 line (stream)  2 jobs (hash)  3 keys (hash)  4 asleep (string)
-- ARGV        1 most unsettled jobs  2 bell (channel)  3 the partition's number
--             4… three a job: id, key with its scope (or ""), the job
-- Returns     for each job: "" it is queued or was known; the id of an unsettled job with its key; "full"
-- Complexity  O(jobs)

local line, jobs, keys, asleep = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local free = tonumber(ARGV[1]) - redis.call('XLEN', line)

local function push(id, key, job)
    if redis.call('HEXISTS', jobs, id) == 1 then
        return ''
    end
    local twin = key ~= '' and redis.call('HGET', keys, key)
    if twin then
        return twin
    end
    if free <= 0 then
        return 'full'
    end
    redis.call('HSET', jobs, id, job)
    redis.call('XADD', line, '*', 'id', id, 'key', key)
    if key ~= '' then
        redis.call('HSET', keys, key, id)
    end
    free = free - 1
    return ''
end

local answers, before = {}, free
for at = 4, #ARGV, 3 do
    answers[#answers + 1] = push(ARGV[at], ARGV[at + 1], ARGV[at + 2])
end
if free < before and redis.call('DEL', asleep) == 1 then
    redis.call('PUBLISH', ARGV[2], ARGV[3])
end
return answers
