-- Gives back what an attempt held. KEYS as in reserve.lua.
-- ARGV: the grant, now in milliseconds, then kind, limit and difference in units per limit.
-- Whoever deletes the mark of the grant gives back, so that a repeated settlement changes nothing.
if redis.call('del', KEYS[1]) == 0 then return 0 end
local minute, now = 60000, tonumber(ARGV[2])
for i = 2, #KEYS do
    local kind, limit, difference = ARGV[3 * i - 3], tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
    if kind == 'c' then
        redis.call('zrem', KEYS[i], ARGV[1])
    elseif difference ~= 0 then
        local level, at = unpack(redis.call('hmget', KEYS[i], 'level', 'at'))
        level, at = tonumber(level) or 0, tonumber(at) or now
        -- Drain first: what has drained cannot be given back a second time.
        if now > at then level, at = math.max(0, level - (now - at) * limit), now end
        level = math.max(0, level + difference * minute)
        redis.call('hset', KEYS[i], 'level', string.format('%.0f', level), 'at', string.format('%.0f', at))
        redis.call('pexpire', KEYS[i], math.ceil(level / limit) + minute)
    end
end
return 1
