-- Changes fields of an account that exists. Where its role changes or it is disabled, its sessions end with it.
--
-- KEYS      1 the account, 2 hash: session → row, 3 sorted set: user and session, 4 sorted set: session by expiry
-- ARGV      1 user, 2 its role, 3 `1` if it is disabled, 4 and on fields and values of the account
-- Returns   1 changed, 0 there is no such account
-- Complexity  O(S log N): S sessions of the user, of N

local role = redis.call('HGET', KEYS[1], 'role')
if not role then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
if role == ARGV[2] and ARGV[3] ~= '1' then return 1 end
local range = {'[' .. ARGV[1], '(' .. ARGV[1] .. string.rep('\255', 17)}
for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[3], range[1], range[2])) do
  local session = member:sub(17)
  redis.call('HDEL', KEYS[2], session)
  redis.call('ZREM', KEYS[3], member)
  redis.call('ZREM', KEYS[4], session)
end
return 1
