-- Makes an account, unless its e-mail address has one.
--
-- KEYS      1 the account, 2 hash: e-mail address → user
-- ARGV      1 e-mail address, 2 user, 3 and on fields and values of the account
-- Returns   1 made, 0 the address has an account; error BROKEN: the id has one
-- Complexity  O(1)

if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply("BROKEN the account's id is in use") end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
return 1
