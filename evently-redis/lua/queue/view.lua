-- Shows one partition as its operators see it.
--
-- KEYS        those of the partition
-- ARGV        none
-- Returns     depth, claimed jobs, dead letters, owner (or false), and the oldest jobs: of the chunks, and of the single
--             ones (each false if there is none)
-- Complexity  O(consumers + claimed chunks); of more than 1,000 claimed chunks, some are not counted

local depth = math.max(redis.call('HLEN', known) - 1, 0) - redis.call('ZCARD', settled)
local claimed, oldest, oldest_single = 0, false, false
for _, consumer in ipairs(redis.pcall('XPENDING', loose, 'workers')[4] or {}) do
    if consumer[1] ~= NOBODY then
        claimed = claimed + tonumber(consumer[2])
    end
end
for _, pending in ipairs(redis.pcall('XPENDING', line, 'workers', '-', '+', 1000)) do
    local chunk = chunk_of(pending[1])
    claimed = claimed + (chunk and #places_in(chunk) or 0)
end
local first = redis.call('XRANGE', line, '-', '+', 'COUNT', 1)[1]
if first and first[2][1] == 'ids' then
    local chunk = chunk_of(first[1], first[2])
    oldest = written(chunk)[places_in(chunk)[1]] or false
end
local single = redis.call('XRANGE', loose, '-', '+', 'COUNT', 1)[1]
if single then
    oldest_single = redis.call('HGET', jobs, single[2][2])
end
return { depth, claimed, redis.call('XLEN', dead), redis.call('GET', owner), oldest, oldest_single }
