-- Gives claimed jobs of one partition back undecided, each if its claim is good. This delivery is not counted.
--
-- KEYS        those of the partition
-- ARGV        1 now in µs, or "" for the server's time  2 consumer  3 when they are free again, in µs from now
--             4 bell (channel)  5 the partition's number
--             6… for a single job: its entry, 0, deliveries; for a chunk: its entry, how many of its jobs follow, and
--             the place of each
-- Returns     for each single job and each chunk a string with one character a job: "1" done, "0" the claim is stale
-- Complexity  O(jobs × log(pending))

local now, consumer = instant(ARGV[1]), ARGV[2]
local free_at = whole(now + tonumber(ARGV[3]))

local function give_back(entry, deliveries)
    if deliveries_of(loose, entry, consumer) ~= deliveries then
        return '0'
    end
    redis.call('XCLAIM', loose, 'workers', NOBODY, 0, entry, 'RETRYCOUNT', deliveries - 1, 'JUSTID')
    redis.call('ZADD', taken, free_at, entry)
    return '1'
end

local answers, at = {}, 6
while at <= #ARGV do
    local entry, count = ARGV[at], tonumber(ARGV[at + 1])
    if count == 0 then
        answers[#answers + 1] = give_back(entry, tonumber(ARGV[at + 2]))
        at = at + 3
    else
        local chunk = deliveries_of(line, entry, consumer) and chunk_of(entry)
        local places, answer, seen = {}, {}, {}
        for argument = at + 2, at + 1 + count do
            local place = tonumber(ARGV[argument])
            local is_good = chunk and is_in(chunk, place) and not seen[place]
            answer[#answer + 1] = is_good and '1' or '0'
            if is_good then
                seen[place] = true
                places[#places + 1] = place
            end
        end
        if chunk then
            make_single(chunk, places, 0, free_at)
        end
        answers[#answers + 1] = table.concat(answer)
        at = at + 2 + count
    end
end
redis.call('PUBLISH', ARGV[4], ARGV[5])
return answers
