-- What the scripts of one partition share: its keys, and how values are read and written.
--
-- Jobs that are pushed together are a chunk: one entry of the line, which is claimed, and mostly settled, as a whole.
-- A job that comes to be treated apart from the others of its chunk is made single: an entry of `loose`. Single jobs
-- are always pending, claimed by somebody or by NOBODY, who stands for those that anybody may claim in time.
--
-- In `taken`, a chunk is "c" and its entry; a single job is its entry, with "n" before it if nobody ever had it. Those
-- stand by their place in their chunk, and there are never such of two chunks.

local line, loose, jobs, known, keys = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local over, taken, settled, dead, owner = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
-- A field that `known` and `keys` always have. It is too long for a hash that is searched from its beginning to its
-- end, as small ones of short fields are.
local WIDE = string.rep('-', 65)
-- How long a worker that asks no more is taken for the owner, in ms.
local OWNED_FOR = 10000
-- No worker is called so, and no key has this hash.
local NOBODY, NO_KEY = '-', string.rep('\0', 16)

local sub = string.sub

-- The present microsecond: the one that is given, else the server's.
local function instant(given)
    if given ~= '' then
        return tonumber(given)
    end
    local time = redis.call('TIME')
    return time[1] * 1000000 + time[2]
end

local function whole(number)
    return string.format('%.0f', number)
end

-- One of many ids or hashes of keys, 16 bytes each.
local function nth(all, place)
    return sub(all, place * 16 - 15, place * 16)
end

-- Calls a command with all these values, if there are any.
local function with_all(command, key, values)
    if #values > 0 then
        redis.call(command, key, unpack(values))
    end
end
