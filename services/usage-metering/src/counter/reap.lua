-- Takes from a process that is no more what it held of a slot, while the slot is closed: it may have spent all of it.
-- KEYS[1] is what processes hold. ARGV: the holder, the epoch, now in milliseconds.
local holder, epoch, now = ARGV[1], ARGV[2], ARGV[3]
local fields = redis.call('hgetall', KEYS[1])
for n = 1, #fields, 2 do
    local counter, of, who = string.match(fields[n], '^(.*)|([^|]*)|([^|]*)$')
    if who == holder and of == epoch then
        local kind = redis.call('type', counter).ok
        if kind == 'zset' then
            -- What runs is restored from the tables.
        elseif redis.call('hexists', counter, 'e') == 1 and redis.call('hexists', counter, 'level') == 0 then
            -- A quota: loaded again.
            redis.call('del', counter)
        elseif string.match(counter, ':[rt]$') then
            local level = (tonumber(redis.call('hget', counter, 'level')) or 0) + tonumber(fields[n + 1]) * minute
            redis.call('hset', counter, 'level', whole(level), 'at', now, 'e', epoch)
            redis.call('pexpire', counter, 2 * minute)
        end
    end
    if who == holder then redis.call('hdel', KEYS[1], fields[n]) end
end
return 1
