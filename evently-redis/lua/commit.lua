-- Stores one event's changes if the event still stands at the commit they were decided on: everything or nothing.
-- All that can refuse stands before the first write. No rule is here: what is written was decided by the ledger, and
-- what is checked is the wall behind it.
--
-- KEYS      the parts of the event, in the order of keys.rs:
--           1 inventory, 2 bookings, 3 entries, 4 keys, 5 seats, 6 tickets, 7 to 13 only named by writes, 14 outbox;
--           on one server also 15 and on, the keys of indexes over events, only named by writes
-- ARGV      1 the version decided on, 2 its writer (16 zero bytes if there is none), 3 due_at as stored, 4 channel,
--           5 message, 6 item of the outbox, 7 whether it is left there also if due_at stays as it is; then groups, each
--           led by its count:
--           sections            capacity, places taken
--           keys                fields of the hash that must be unused
--           new bookings        ids that must be unused
--           changed bookings    id, row, user; the first four bytes of a row are the tickets it takes
--           new entries         ids that must be unused
--           changed entries     ids that must exist
--           freed seats         label, booking
--           taken seats         label, booking
--           empty parts         places of parts that must be empty
--           writes              place of the key, command, number of arguments, arguments; at most 1,000 each
-- Returns   {0, whether due_at changed} stored; {1} another version or writer; {2} a key was used before
--           error BROKEN: what no ledger may write
-- Complexity  O(N log M): N arguments, M members of the event's sorted sets

local SLICE = 1000
local NOBODY = string.rep('\0', 16)
local at = 8

-- The next group: where its arguments begin and end.
local function group(width)
  local first = at + 1
  at = first + tonumber(ARGV[at]) * width
  return first, at - 1
end

local function broken(what)
  return redis.error_reply('BROKEN ' .. what)
end

-- Whether any (or, for `wanted` false, not every) field is in a hash.
local function any_field(key, first, last, wanted)
  for from = first, last, SLICE do
    local values = redis.call('HMGET', key, unpack(ARGV, from, math.min(from + SLICE - 1, last)))
    for i = 1, #values do
      if (values[i] ~= false) == wanted then return true end
    end
  end
  return false
end

local stored = redis.call('HMGET', KEYS[1], 'version', 'due', 'writer')
if (stored[1] or '0') ~= ARGV[1] or (stored[3] or NOBODY) ~= ARGV[2] then return {1} end

local first, last = group(2)
for i = first, last, 2 do
  if tonumber(ARGV[i + 1]) > tonumber(ARGV[i]) then return broken('a section would be oversold') end
end

first, last = group(1)
if any_field(KEYS[4], first, last, true) then return {2} end
local used = {}
for i = first, last do
  if used[ARGV[i]] then return {2} end
  used[ARGV[i]] = true
end

first, last = group(1)
if any_field(KEYS[2], first, last, true) then return broken('the id of a new booking is in use') end

local changed_first, changed_last = group(3)
local before = {}
for i = changed_first, changed_last, 3 do
  local row = redis.call('HGET', KEYS[2], ARGV[i])
  if not row then return broken('there is no such booking to change') end
  before[i] = struct.unpack('>I4', row)
end

first, last = group(1)
if any_field(KEYS[3], first, last, true) then return broken('the id of a new entry is in use') end
first, last = group(1)
if any_field(KEYS[3], first, last, false) then return broken('there is no such entry to change') end

local freed_first, freed_last = group(2)
local freed = {}
for i = freed_first, freed_last, 2 do
  freed[ARGV[i]] = ARGV[i + 1]
end
local taken_first, taken_last = group(2)
local taken = {}
for i = taken_first, taken_last, 2 do
  local owner = redis.call('HGET', KEYS[5], ARGV[i])
  if taken[ARGV[i]] or (owner and owner ~= freed[ARGV[i]]) then
    return broken('seat ' .. ARGV[i] .. ' is taken')
  end
  taken[ARGV[i]] = true
end

first, last = group(1)
for i = first, last do
  if redis.call('EXISTS', KEYS[tonumber(ARGV[i])]) == 1 then
    return broken('an event with bookings or entries cannot be deleted')
  end
end

-- From here on everything is written.
local due_changed = (stored[2] or '') ~= ARGV[3]
if due_changed or ARGV[7] == '1' then
  redis.call('HSET', KEYS[14], string.format('%.0f', ARGV[1] + 1), ARGV[6])
end
for i = changed_first, changed_last, 3 do
  local after = struct.unpack('>I4', ARGV[i + 1])
  if after ~= before[i] then
    redis.call('HINCRBY', KEYS[6], ARGV[i + 2], after - before[i])
  end
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
for i = freed_first, freed_last, 2 do
  if redis.call('HGET', KEYS[5], ARGV[i]) == ARGV[i + 1] then
    redis.call('HDEL', KEYS[5], ARGV[i])
  end
end
for i = taken_first, taken_last, 2 do
  redis.call('HSET', KEYS[5], ARGV[i], ARGV[i + 1])
end

local writes = tonumber(ARGV[at])
at = at + 1
for _ = 1, writes do
  local arguments = tonumber(ARGV[at + 2])
  redis.call(ARGV[at + 1], KEYS[tonumber(ARGV[at])], unpack(ARGV, at + 3, at + 2 + arguments))
  at = at + 3 + arguments
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return {0, due_changed and 1 or 0}
