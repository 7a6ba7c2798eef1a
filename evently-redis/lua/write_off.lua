-- Writes off the announcement of an event with nothing left to be written into indexes, if it is old: whoever made it
-- announces again before the next commit.
--
-- KEYS      1 sorted set: event by when it was announced last
-- ARGV      1 event, 2 how old it must be, in seconds of the server's clock
-- Returns   1 if it was written off, 0 if not
-- Complexity  O(log N): N events announced

local announced = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not announced or redis.call('TIME')[1] - announced < tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
