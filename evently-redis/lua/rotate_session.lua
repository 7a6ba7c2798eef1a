-- Takes a session's token back and makes the next one good: compare and swap. A former token ends the session. Some
-- sessions that ran out are forgotten on the way.
--
-- KEYS      1 hash: session → row, 2 sorted set: user and session, 3 sorted set: session by expiry
-- ARGV      1 session, 2 the token presented (32 bytes), 3 the next one, 4 when it runs out, 5 now,
--           6 how many are forgotten at most
-- Returns   the user (16 bytes) if the token was good; 1 if it was a former one; 0 if there is no such session
-- Complexity  O(F log N): F forgotten, of N sessions

local function finish(session)
  local row = redis.call('HGET', KEYS[1], session)
  if row then redis.call('ZREM', KEYS[2], row:sub(1, 16) .. session) end
  redis.call('HDEL', KEYS[1], session)
  redis.call('ZREM', KEYS[3], session)
end

for _, session in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[5], 'LIMIT', 0, ARGV[6])) do
  finish(session)
end
local row = redis.call('HGET', KEYS[1], ARGV[1])
if not row then return 0 end
if tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1])) <= tonumber(ARGV[5]) then return 0 end
if row:sub(17, 48) ~= ARGV[2] then
  finish(ARGV[1])
  return 1
end
redis.call('HSET', KEYS[1], ARGV[1], row:sub(1, 16) .. ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
return row:sub(1, 16)
