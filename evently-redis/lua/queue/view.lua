-- Shows one partition as its operators see it.
--
-- KEYS        1 line (stream)  2 jobs (hash)  3 owner (string)  4 dead (stream)
-- ARGV        1 the consumer that stands for nobody
-- Returns     depth, claimed jobs, dead letters, owner (or false), the oldest job (or false)
-- Complexity  O(consumers)

local line = KEYS[1]
local depth, claimed, oldest = redis.call('XLEN', line), 0, false
if depth > 0 then
    local pending = redis.pcall('XPENDING', line, 'workers')
    for _, consumer in ipairs(pending[4] or {}) do
        if consumer[1] ~= ARGV[1] then
            claimed = claimed + tonumber(consumer[2])
        end
    end
    local first = redis.call('XRANGE', line, '-', '+', 'COUNT', 1)[1]
    oldest = redis.call('HGET', KEYS[2], first[2][2] or '')
end
return { depth, claimed, redis.call('XLEN', KEYS[4]), redis.call('GET', KEYS[3]), oldest }
