-- Reads what is kept of an event beside its bookings and entries, and how many of these there are.
--
-- KEYS      1 inventory, 2 seats, 3 sales
-- ARGV      none
-- Returns   version, seats as label, booking, and so on, sales as field, count, and so on
-- Complexity  O(S): S taken seats and hours with sales

return {redis.call('HGET', KEYS[1], 'version'), redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[3])}
