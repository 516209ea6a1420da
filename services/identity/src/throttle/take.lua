-- One count: how many failures there were at the time of the last one, and when that was. `count.rs` does the same.
-- Counts one more, if it is time for it or if it must be. Answers the milliseconds to wait (0: counted), and failures so far.
local now, free, base = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local longest, leak, must = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
local kept = redis.call('HMGET', KEYS[1], 'n', 'at')
local n, at = tonumber(kept[1]) or 0, tonumber(kept[2]) or now
local passed = math.max(0, now - at)
local used = math.ceil(n)
if not must and used >= free then
    local wait = math.min(longest, base * 2 ^ math.min(used - free, 40)) - passed
    if wait > 0 then
        return {math.ceil(wait), used}
    end
end
n = math.max(0, n - passed / leak) + 1
redis.call('HSET', KEYS[1], 'n', string.format('%.6f', n), 'at', string.format('%.0f', math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil(n * leak))
return {0, used}
