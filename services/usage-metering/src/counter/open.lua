-- Opens a slot whose opening began, with the grants that run in it. KEYS[1] says whether it is open,
-- KEYS[2] since when it is closed.
-- ARGV: the epoch, what KEYS[1] says while this opening is under way, the prefix of the slot's keys, now in milliseconds,
-- 1 if it was open in this epoch before; then of each grant its id, its ticket, its expiry in milliseconds, how many limits
-- of it are concurrency, and their counters.
-- Answer: 1 if it is open now, 0 if the opening has to begin again.
local state = redis.call('get', KEYS[1])
if state == ARGV[1] then return 1 end
if state ~= ARGV[2] then return 0 end
local now, again, i = tonumber(ARGV[4]), ARGV[5] == '1', 6
while i <= #ARGV do
    local grant, ticket, expires, count = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
    local life, key = math.max(1, expires - now) + minute, ARGV[3] .. ':held:' .. grant
    local mark = read_mark(key, ticket)
    -- Of one whose end is known here, or that was taken back, the row is about to go.
    if not mark.r and not mark.undone then
        -- What was reserved in this epoch has left a mark. Without one it was admitted from what a process holds, and
        -- more than that it runs is counted when that is told.
        if not mark.own then redis.call('hset', key, 't:' .. ticket, (again and not mark.held) and 'c' or '') end
        redis.call('pexpire', key, math.max(redis.call('pttl', key), life))
        for n = 1, count do
            local counter = ARGV[3] .. ':' .. ARGV[i + 3 + n]
            redis.call('zadd', counter, expires, grant)
            redis.call('pexpire', counter, math.max(redis.call('pttl', counter), life))
        end
    end
    i = i + 4 + count
end
redis.call('del', KEYS[2])
redis.call('set', KEYS[1], ARGV[1], 'px', 86400000)
return 1
