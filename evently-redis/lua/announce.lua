-- Announces that events are about to be committed to, by the server's clock.
--
-- KEYS      1 sorted set: event by when it was announced last
-- ARGV      events
-- Returns   nothing
-- Complexity  O(N log M): N events given, M announced

local now = redis.call('TIME')[1]
for i = 1, #ARGV do
  redis.call('ZADD', KEYS[1], now, ARGV[i])
end
