-- Books if the key is new and there are enough tickets.
-- KEYS: 1 what is left of the event, 2 the booking, 3 the caller's key
-- ARGV: 1 quantity, 2 user, 3 now
-- Returns: 1 booked, 0 the key was used, -1 sold out
-- Complexity: O(1)
if redis.call('EXISTS', KEYS[3]) == 1 then
    return 0
end
if tonumber(redis.call('GET', KEYS[1])) < tonumber(ARGV[1]) then
    return -1
end
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'user', ARGV[2], 'quantity', ARGV[1], 'status', 'confirmed', 'created_at', ARGV[3])
redis.call('SET', KEYS[3], KEYS[2])
return 1
