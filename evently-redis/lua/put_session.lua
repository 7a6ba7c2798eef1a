-- Writes a session, in place of one with its id.
--
-- KEYS      1 hash: session → row, 2 sorted set: user and session, 3 sorted set: session by expiry
-- ARGV      1 session, 2 row (its first 16 bytes are the user), 3 when it runs out
-- Returns   nothing
-- Complexity  O(log N): N sessions

local before = redis.call('HGET', KEYS[1], ARGV[1])
if before then redis.call('ZREM', KEYS[2], before:sub(1, 16) .. ARGV[1]) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], 0, ARGV[2]:sub(1, 16) .. ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
