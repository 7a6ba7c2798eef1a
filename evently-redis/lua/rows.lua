-- Reads rows by their ids.
--
-- KEYS      1 hash: id → row
-- ARGV      ids
-- Returns   id, row, id, row, in the order of the ids; what is not there is left out
-- Complexity  O(N): N ids

local found = {}
for i = 1, #ARGV do
  local row = redis.call('HGET', KEYS[1], ARGV[i])
  if row then
    found[#found + 1] = ARGV[i]
    found[#found + 1] = row
  end
end
return found
