-- Reads waitlist entries of one event with how many wait before each, as they are at one instant.
--
-- KEYS      1 hash: entry id → row, 2 sorted set: entry id by its place, of those that wait
-- ARGV      entry ids
-- Returns   id, row, rank (from 0; -1 if it does not wait), and so on; what is not there is left out
-- Complexity  O(N log M): N ids, M that wait

local found = {}
for i = 1, #ARGV do
  local row = redis.call('HGET', KEYS[1], ARGV[i])
  if row then
    found[#found + 1] = ARGV[i]
    found[#found + 1] = row
    found[#found + 1] = redis.call('ZRANK', KEYS[2], ARGV[i]) or -1
  end
end
return found
