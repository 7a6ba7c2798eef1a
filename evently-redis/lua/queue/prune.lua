-- Forgets consumers of one partition that hold no claim and have not asked for any for long: each process that ever
-- worked was one.
--
-- KEYS        those of the partition
-- ARGV        1 how long, in ms
-- Returns     how many were forgotten
-- Complexity  O(consumers)

local forgotten = 0
for _, stream in ipairs({ line, loose }) do
    -- Without a stream or its group there is nothing to forget, and the answer is an error.
    for _, consumer in ipairs(redis.pcall('XINFO', 'CONSUMERS', stream, 'workers')) do
        local name, pending, idle = consumer[2], consumer[4], consumer[6]
        if pending == 0 and idle > tonumber(ARGV[1]) and name ~= NOBODY then
            redis.call('XGROUP', 'DELCONSUMER', stream, 'workers', name)
            forgotten = forgotten + 1
        end
    end
end
return forgotten
