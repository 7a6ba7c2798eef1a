-- Reads what decisions need of one event, at one version. Writes nothing.
--
-- KEYS      the parts of the event, in the order of keys.rs:
--           1 inventory, 2 bookings, 3 entries, 4 keys, 5 seats, 6 tickets, 7 by_status, 8 holds, 9 line, 10 waiting,
--           11 fitting, 12 active, 13 sales, 14 outbox
-- ARGV      1 the mark of the commit that wrote the definition that the caller has, 2 the most rows of one kind,
--           3 `1` for the labels of taken seats, 4 `1` for the first holds; then groups, each led by its count:
--           letters of the statuses whose bookings are asked for
--           users
--           keys                fields of the hash
--           bookings            ids
--           entries             ids
--           parts of the waitlist: section, only behind this place (8 bytes, or nothing), only those who want at most
--           this many (or nothing)
-- Returns   nothing if there is no event; else
--           {{version, writer, defined_in, head, definition if the caller's is old}, tickets by user, the active entry by
--           user, what keys made, bookings, entries, labels, holds, bookings by status, each part of the waitlist,
--           versions in the outbox}; bookings and entries as id, row, id, row
-- Complexity  O(N log M): N rows returned, M members of the event's sorted sets; a part of the waitlist visits as many
--           quantities as are waited for, and as many rows of each as are asked for

local batch = tonumber(ARGV[2])
local END = string.rep('\255', 17)
local at = 5

-- The next group: where its arguments begin and end.
local function group(width)
  local first = at + 1
  at = first + tonumber(ARGV[at]) * width
  return first, at - 1
end

-- Ids and rows, one after the other, of these ids in their order; what is not there is left out.
local function rows(key, ids)
  local found = {}
  for from = 1, #ids, 1000 do
    local slice = redis.call('HMGET', key, unpack(ids, from, math.min(from + 999, #ids)))
    for i = 1, #slice do
      if slice[i] then
        found[#found + 1] = ids[from + i - 1]
        found[#found + 1] = slice[i]
      end
    end
  end
  return found
end

-- The members that begin with a prefix, behind one of them.
local function beginning(key, prefix, behind, limit)
  return redis.call('ZRANGEBYLEX', key, '(' .. prefix .. behind, '(' .. prefix .. END, 'LIMIT', 0, limit)
end

local inventory = redis.call('HMGET', KEYS[1], 'version', 'writer', 'defined_in', 'head')
if not inventory[1] then return false end
if inventory[3] ~= ARGV[1] then inventory[5] = redis.call('HGET', KEYS[1], 'definition') end

local live = {}
local first, last = group(1)
for i = first, last do
  for _, member in ipairs(beginning(KEYS[7], ARGV[i], '', batch - #live)) do live[#live + 1] = member:sub(2) end
end

local tickets, active = {}, {}
first, last = group(1)
for i = first, last do
  tickets[#tickets + 1] = redis.call('HGET', KEYS[6], ARGV[i])
  local member = beginning(KEYS[12], ARGV[i], '', 1)[1]
  active[#active + 1] = rows(KEYS[3], {member and member:sub(17)})
end

local made, bookings, entries = {}, {}, {}
first, last = group(1)
for i = first, last do
  local what = redis.call('HGET', KEYS[4], ARGV[i])
  made[#made + 1] = what
  if what then
    local list = what:sub(1, 1) == 'B' and bookings or entries
    list[#list + 1] = what:sub(2)
  end
end
first, last = group(1)
for i = first, last do bookings[#bookings + 1] = ARGV[i] end
first, last = group(1)
for i = first, last do entries[#entries + 1] = ARGV[i] end

local seats = ARGV[3] == '1' and redis.call('HKEYS', KEYS[5]) or {}
local holds = ARGV[4] == '1' and redis.call('ZRANGE', KEYS[8], 0, batch) or {}

-- Of each quantity the first in line; of all of them together the first again.
local function waiting(section, behind, at_most)
  local found, quantity = {}, 0
  while true do
    local head = beginning(KEYS[11], section, struct.pack('>I4', quantity), 1)[1]
    if not head then break end
    quantity = struct.unpack('>I4', head, 17)
    if at_most ~= '' and quantity > tonumber(at_most) then break end
    local prefix = head:sub(1, 20)
    for _, member in ipairs(beginning(KEYS[11], prefix, behind == '' and '' or behind .. END, batch)) do
      found[#found + 1] = {struct.unpack('>I8', member, 21), member:sub(29)}
    end
    quantity = quantity + 1
  end
  table.sort(found, function(one, other) return one[1] < other[1] end)
  local ids = {}
  for i = 1, math.min(batch, #found) do ids[i] = found[i][2] end
  return ids
end

local windows = {}
first, last = group(3)
for i = first, last, 3 do
  windows[#windows + 1] = rows(KEYS[3], waiting(ARGV[i], ARGV[i + 1], ARGV[i + 2]))
end

return {
  inventory, tickets, active, made, rows(KEYS[2], bookings), rows(KEYS[3], entries), seats, rows(KEYS[2], holds),
  rows(KEYS[2], live), windows, redis.call('HKEYS', KEYS[14])
}
