-- Reads an event's newest bookings, of some statuses, as they are at one instant.
--
-- KEYS      1 sorted set: status letter and booking id, 2 hash: booking id → row
-- ARGV      1 only before this id (empty for all), 2 how many of each status at most, 3 and on letters
-- Returns   id, row, id, row: of each status the newest
-- Complexity  O(S (log N + L)): S statuses, L rows of each, of N bookings

local found = {}
for i = 3, #ARGV do
  local letter = ARGV[i]
  local below = ARGV[1] == '' and letter .. string.rep('\255', 17) or letter .. ARGV[1]
  local members = redis.call('ZREVRANGEBYLEX', KEYS[1], '(' .. below, '[' .. letter, 'LIMIT', 0, ARGV[2])
  for _, member in ipairs(members) do
    local id = member:sub(2)
    found[#found + 1] = id
    found[#found + 1] = redis.call('HGET', KEYS[2], id)
  end
end
return found
