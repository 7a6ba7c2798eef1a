-- Forgets consumers of one partition that hold no claim and have not asked for any for long: each process that ever
-- worked was one.
--
-- KEYS        1 line (stream)
-- ARGV        1 how long, in ms
-- Returns     how many were forgotten
-- Complexity  O(consumers)

local forgotten = 0
-- Without a line or its group there is nothing to forget, and the answer is an error.
for _, consumer in ipairs(redis.pcall('XINFO', 'CONSUMERS', KEYS[1], 'workers')) do
    local name, pending, idle = consumer[2], consumer[4], consumer[6]
    if pending == 0 and idle > tonumber(ARGV[1]) then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], 'workers', name)
        forgotten = forgotten + 1
    end
end
return forgotten
