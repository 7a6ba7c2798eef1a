-- Claims jobs of one partition: those that are free again, then new ones.
--
-- KEYS        those of the partition
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 most jobs  4 how long claims are good, in µs
--             5 most jobs of a chunk
-- Returns     two lists: for each single job its entry, how often it was delivered, whether it was handed to somebody
--             before (1 or 0), its id, and the job (false if it is missing); for each chunk its entry, its jobs' ids,
--             and the jobs (false if they are missing)
-- Complexity  O(jobs × log(pending))

local now, consumer, most, chunk_most = instant(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[5])
local now_text, free_at = whole(now), whole(now + tonumber(ARGV[4]))
local singles, chunks, room = {}, {}, most

-- Claims single jobs.
local function claim_singles(entries, before)
    if #entries == 0 then
        return
    end
    local ids, scores, first = {}, {}, #singles + 1
    for _, entry in ipairs(as_group(loose, 'XCLAIM', loose, 'workers', consumer, 0, unpack(entries))) do
        local pending = redis.call('XPENDING', loose, 'workers', entry[1], entry[1], 1)[1]
        local id = entry[2] and entry[2][2] or ''
        singles[#singles + 1] = { entry[1], pending[4], before, id, false }
        ids[#ids + 1] = id
        scores[#scores + 1], scores[#scores + 2] = free_at, entry[1]
    end
    with_all('ZADD', taken, scores)
    if #ids > 0 then
        for place, job in ipairs(redis.call('HMGET', jobs, unpack(ids))) do
            singles[first + place - 1][5] = job
        end
    end
    room = room - #ids
end

-- Those of `taken` that are free: as many as there is room for of single jobs that somebody had, of chunks, and of
-- single jobs that nobody had.
local function free()
    local had, whole_chunks, untouched, members = {}, {}, {}, {}
    for _, member in ipairs(
        redis.call('ZRANGEBYSCORE', taken, '-inf', now_text, 'LIMIT', 0, room + chunk_most)
    ) do
        local kind = sub(member, 1, 1)
        if kind == 'c' then
            whole_chunks[#whole_chunks + 1] = sub(member, 2)
        elseif kind == 'n' then
            untouched[#untouched + 1] = sub(member, 2)
        elseif #had < room then
            had[#had + 1] = member
        end
    end
    for place = #untouched, room - #had + 1, -1 do
        untouched[place] = nil
    end
    for _, entry in ipairs(had) do
        members[#members + 1] = entry
    end
    for _, entry in ipairs(untouched) do
        members[#members + 1] = 'n' .. entry
    end
    return had, whole_chunks, untouched, members
end

-- Claims single jobs that are free, after those of chunks that were left have become such: they are taken over one by
-- one.
local function claim_free()
    local had, left, untouched, members = free()
    local freed = 0
    for _, entry in ipairs(left) do
        if freed < room then
            redis.call('ZREM', taken, 'c' .. entry)
            local chunk = chunk_of(entry)
            if chunk then
                local places = places_in(chunk)
                freed = freed + #places
                make_single(chunk, places, 1, now_text)
            end
        end
    end
    if freed > 0 then
        had, left, untouched, members = free()
    end
    -- Those that are gone are not answered, and not to be looked at again.
    with_all('ZREM', taken, members)
    claim_singles(had, 1)
    claim_singles(untouched, 0)
end
claim_free()

-- So many chunks at a time as certainly fit; until at least half of what may be claimed is.
while room > 0 and (room >= chunk_most or room * 2 > most) do
    local count = math.max(1, math.floor(room / chunk_most))
    local streams =
        as_group(line, 'XREADGROUP', 'GROUP', 'workers', consumer, 'COUNT', count, 'STREAMS', line, '>')
    local entries = streams[1] and streams[1][2] or {}
    local scores = {}
    for _, entry in ipairs(entries) do
        local fields = entry[2]
        local jobs_in = fields[1] == 'ids' and #fields[2] / 16 or 0
        if jobs_in == 0 or jobs_in ~= math.floor(jobs_in) or #(fields[4] or '') ~= #fields[2] then
            -- Nobody of this program wrote it.
            redis.call('XADD', dead, '*', 'id', '', 'deliveries', 1, 'job', '')
            redis.call('XACK', line, 'workers', entry[1])
            redis.call('XDEL', line, entry[1])
        elseif jobs_in > room then
            local chunk = chunk_of(entry[1], fields)
            make_single(chunk, places_in(chunk), 0)
            claim_free()
        else
            room = room - jobs_in
            scores[#scores + 1], scores[#scores + 2] = free_at, 'c' .. entry[1]
            chunks[#chunks + 1] = { entry[1], fields[2], redis.call('HGET', jobs, entry[1]) }
        end
    end
    with_all('ZADD', taken, scores)
    if #entries < count then
        break
    end
end
-- Whoever claimed something last owns the partition, as long as it asks for more.
local holder, found = redis.call('GET', owner), #singles > 0 or #chunks > 0
local is_new = not holder or found and holder ~= consumer
if is_new or holder == consumer and redis.call('PTTL', owner) < OWNED_FOR / 2 then
    redis.call('SET', owner, consumer, 'PX', OWNED_FOR)
end
return { singles, chunks }
