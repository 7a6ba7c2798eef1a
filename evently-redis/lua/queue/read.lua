-- Reads a job of one partition and what became of it.
--
-- KEYS        those of the partition
-- ARGV        1 the job's id
-- Returns     nothing if it is not known; the job (or false if it is missing); and, if it is settled, the microsecond
--             and its fate
-- Complexity  O(jobs of its chunk)

local id = ARGV[1]
local standing = redis.call('HGET', known, id)
if not standing then
    return {}
end
if standing == '' then
    return { redis.call('HGET', jobs, id) }
end
if sub(standing, 1, 1) == '=' then
    return { redis.call('HGET', jobs, id), sub(standing, 2) }
end
local chunk = chunk_of(standing)
for place = 1, chunk and chunk.count or 0 do
    if nth(chunk.ids, place) == id then
        return { written(chunk)[place] }
    end
end
return {}
