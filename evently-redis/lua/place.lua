-- Puts an event where it stands in sorted sets over events, unless a newer version of it is there already: whoever
-- writes it late, or twice, changes nothing.
--
-- KEYS      1 hash of where each event stands, 2 and on the sorted sets
-- ARGV      1 event, 2 its inventory's version, or 0 if there is no such event; 3 and on its member in each set, empty
--           for none. If there is no such event: 3 what is known of where it stands, if it goes only while that is so
-- Returns   1 if it stands there now, or nowhere if there is no such event; 0 if a newer version does
-- Complexity  O(S log N): S sets of N events

local version = tonumber(ARGV[2])
local stored = redis.call('HGET', KEYS[1], ARGV[1])
if version == 0 and ARGV[3] and stored ~= ARGV[3] then return 0 end
if stored then
  local before = cmsgpack.unpack(stored)
  if version > 0 and before[1] > version then return 0 end
  for i = 2, #KEYS do
    if before[i] ~= '' then redis.call('ZREM', KEYS[i], before[i]) end
  end
end
if version == 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return 1
end
local now = {version}
for i = 2, #KEYS do
  now[i] = ARGV[i + 1]
  if now[i] ~= '' then redis.call('ZADD', KEYS[i], 0, now[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], cmsgpack.pack(now))
return 1
