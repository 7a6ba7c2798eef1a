-- Counts one request against an allowance, if it is within it (the generic cell rate algorithm).
--
-- KEYS        1 full (string: when the allowance is whole again, in µs)
-- ARGV        1 now in µs, or "" for the server's time  2 µs a request  3 requests at once
-- Returns     1 if it is counted, else 0; requests left at once; µs until the allowance is whole again; µs until one
--             more is allowed
-- Complexity  O(1)

local cost, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local most = now + cost * burst
local counted = 0
if full + cost <= most then
    full, counted = full + cost, 1
    local whole_in_ms = math.ceil((full - now) / 1000)
    redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', whole_in_ms)
end
local left = math.floor((most - full) / cost)
return { counted, left, math.ceil(full - now), math.max(math.ceil(full + cost - most), 0) }
