-- Books if the key is new and there are enough tickets, and writes as many rows and indexes as Evently does.
-- KEYS: 1 what is left of the event, 2 bookings, 3 used keys, 4 tickets by user, 5 bookings by status, 6 figures of
--       the hour, 7 events by booking, 8 bookings of the user
-- ARGV: 1 quantity, 2 booking, 3 user, 4 row, 5 channel
-- Returns: 1 booked, 0 the key was used, -1 sold out
-- Complexity: O(log N): N bookings of the event
local used = ARGV[3] .. ARGV[2]
if redis.call('HEXISTS', KEYS[3], used) == 1 or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then
    return 0
end
if tonumber(redis.call('GET', KEYS[1])) < tonumber(ARGV[1]) then
    return -1
end
redis.call('DECRBY', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
redis.call('HSET', KEYS[3], used, ARGV[2])
redis.call('HINCRBY', KEYS[4], ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[5], 0, ARGV[2])
redis.call('HINCRBY', KEYS[6], 'bookings', 1)
redis.call('HINCRBY', KEYS[6], 'tickets', ARGV[1])
redis.call('HSET', KEYS[7], ARGV[2], KEYS[1])
redis.call('ZADD', KEYS[8], 0, ARGV[2])
redis.call('PUBLISH', ARGV[5], KEYS[1])
return 1
