-- Makes a token the last one given out for a lease, if it is higher than the last.
--
-- KEYS        1 token (string)
-- ARGV        1 the token
-- Returns     the last token given out before if it is no lower, else nothing
-- Complexity  O(1)

local last = redis.call('GET', KEYS[1])
if last and tonumber(last) >= tonumber(ARGV[1]) then
    return last
end
redis.call('SET', KEYS[1], ARGV[1])
return false
