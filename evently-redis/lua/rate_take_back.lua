-- Takes the count of one request back.
--
-- KEYS        1 full (string: when the allowance is whole again, in µs)
-- ARGV        1 µs a request
-- Returns     nothing
-- Complexity  O(1)

local full = redis.call('GET', KEYS[1])
if full then
    redis.call('SET', KEYS[1], string.format('%.0f', tonumber(full) - tonumber(ARGV[1])), 'KEEPTTL')
end
