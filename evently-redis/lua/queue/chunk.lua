-- How the scripts of one partition read chunks, and how jobs leave the chunks that they came in.

-- Calls a command that reads a stream for the workers. Their group is made when it is first missed, also after a flush.
local function as_group(stream, ...)
    local answer = redis.pcall(...)
    if type(answer) == 'table' and answer.err then
        redis.call('XGROUP', 'CREATE', stream, 'workers', '0', 'MKSTREAM')
        answer = redis.call(...)
    end
    return answer or {}
end

-- How often what a consumer has claimed was delivered; nothing if its claim is not good: without a stream or its group,
-- as after a flush, none is.
local function deliveries_of(stream, entry, consumer)
    local pending = redis.pcall('XPENDING', stream, 'workers', entry, entry, 1, consumer)[1]
    return type(pending) == 'table' and pending[4]
end

-- A chunk as it stands, with a "1" for each of its jobs that left it, else a "0"; nil if it is gone.
local function chunk_of(entry, fields)
    if not fields then
        local stored = redis.call('XRANGE', line, entry, entry)[1]
        fields = stored and stored[2]
    end
    if fields then
        local count = #fields[2] / 16
        local left = redis.call('HGET', over, entry)
        return {
            entry = entry,
            ids = fields[2],
            keys = fields[4],
            count = count,
            was_left = left,
            left = left or string.rep('0', count),
        }
    end
end

local function is_in(chunk, place)
    return sub(chunk.left, place, place) == '0'
end

local function leave(chunk, place)
    chunk.left = sub(chunk.left, 1, place - 1) .. '1' .. sub(chunk.left, place + 1)
end

-- Writes down which jobs left a chunk; one that all have left is gone.
local function close(chunk)
    if string.find(chunk.left, '0', 1, true) then
        redis.call('HSET', over, chunk.entry, chunk.left)
        return
    end
    redis.call('XACK', line, 'workers', chunk.entry)
    redis.call('XDEL', line, chunk.entry)
    redis.call('HDEL', jobs, chunk.entry)
    if chunk.was_left then
        redis.call('HDEL', over, chunk.entry)
    end
    redis.call('ZREM', taken, 'c' .. chunk.entry)
end

-- The jobs of a chunk, as they are written: each after its length, in 4 bytes.
local function written(chunk)
    local all, from, each = redis.call('HGET', jobs, chunk.entry) or '', 1, {}
    for place = 1, chunk.count do
        local length = #all >= from + 3 and struct.unpack('<I4', all, from) or 0
        each[place] = sub(all, from + 4, from + 3 + length)
        from = from + 4 + length
    end
    return each
end

-- Makes jobs of a chunk single, after so many deliveries, for anybody to claim from an instant on; without one, as
-- untouched.
local function make_single(chunk, places, deliveries, free_at)
    local each, bodies, standing, free = written(chunk), {}, {}, {}
    local claim = { loose, 'workers', NOBODY, 0 }
    for _, place in ipairs(places) do
        local id = nth(chunk.ids, place)
        local entry = redis.call('XADD', loose, '*', 'id', id, 'key', nth(chunk.keys, place))
        claim[#claim + 1] = entry
        bodies[#bodies + 1], bodies[#bodies + 2] = id, each[place]
        standing[#standing + 1], standing[#standing + 2] = id, ''
        free[#free + 1] = free_at or place
        free[#free + 1] = free_at and entry or 'n' .. entry
        leave(chunk, place)
    end
    with_all('HSET', jobs, bodies)
    with_all('HSET', known, standing)
    with_all('ZADD', taken, free)
    if #places > 0 then
        as_group(loose, 'XREADGROUP', 'GROUP', 'workers', NOBODY, 'COUNT', #places, 'STREAMS', loose, '>')
        claim[#claim + 1], claim[#claim + 2], claim[#claim + 3] = 'RETRYCOUNT', deliveries, 'JUSTID'
        redis.call('XCLAIM', unpack(claim))
    end
    close(chunk)
end

-- The places of a chunk's jobs that are still in it.
local function places_in(chunk)
    local places = {}
    for place = 1, chunk.count do
        if is_in(chunk, place) then
            places[#places + 1] = place
        end
    end
    return places
end
