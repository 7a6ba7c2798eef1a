-- Ends a session; one that does not exist is ended already.
--
-- KEYS      1 hash: session → row (its first 16 bytes are the user), 2 sorted set: user and session,
--           3 sorted set: session by expiry
-- ARGV      1 session
-- Returns   nothing
-- Complexity  O(log N): N sessions

local row = redis.call('HGET', KEYS[1], ARGV[1])
if row then redis.call('ZREM', KEYS[2], row:sub(1, 16) .. ARGV[1]) end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
