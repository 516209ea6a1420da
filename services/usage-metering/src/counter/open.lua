-- Opens a slot whose opening began, with the grants that run in it. KEYS[1] says whether it is open.
-- ARGV: the epoch, what KEYS[1] says while this opening is under way, the prefix of the slot's keys, now in milliseconds; then of each grant its id, its expiry in
-- milliseconds, how many limits of it are concurrency, and their counters.
-- Answer: 1 if it is open now, 0 if the opening has to begin again.
local state = redis.call('get', KEYS[1])
if state == ARGV[1] then return 1 end
if state ~= ARGV[2] then return 0 end
local now, i = tonumber(ARGV[4]), 5
while i <= #ARGV do
    local grant, expires, count = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
    local life = math.max(1, expires - now) + 60000
    redis.call('set', ARGV[3] .. ':grant:' .. grant, '1', 'px', life)
    for n = 1, count do
        local key = ARGV[3] .. ':' .. ARGV[i + 2 + n]
        redis.call('zadd', key, expires, grant)
        redis.call('pexpire', key, math.max(redis.call('pttl', key), life))
    end
    i = i + 3 + count
end
redis.call('set', KEYS[1], ARGV[1], 'px', 86400000)
return 1
