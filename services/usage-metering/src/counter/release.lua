-- Gives back what an attempt held in one slot. KEYS as in reserve.lua.
-- ARGV: the grant, now in milliseconds, the epoch; then of each limit kind, limit and correction in units.
-- Answer: -1 if the slot is closed, so that this has to be sent again; 0 if it was given back before.
if redis.call('get', KEYS[1]) ~= ARGV[3] then return -1 end
-- Whoever deletes the mark of the grant gives back, so that a repeated settlement changes nothing.
if redis.call('del', KEYS[2]) == 0 then return 0 end
local minute, now = 60000, tonumber(ARGV[2])
for i = 3, #KEYS do
    local kind, limit, correction = ARGV[3 * i - 5], tonumber(ARGV[3 * i - 4]), tonumber(ARGV[3 * i - 3])
    if kind == 'c' then
        redis.call('zrem', KEYS[i], ARGV[1])
    elseif kind == 'q' then
        if redis.call('hexists', KEYS[i], 'used') == 1 then
            redis.call('hincrby', KEYS[i], 'used', ARGV[3 * i - 3])
        elseif redis.call('exists', KEYS[i]) == 1 then
            -- It is being loaded: what was read may have this already. Twice refuses early, never would be an overrun.
            redis.call('hincrby', KEYS[i], 'corrected', 1)
            if correction > 0 then redis.call('hincrby', KEYS[i], 'missed', ARGV[3 * i - 3]) end
        end
    elseif correction ~= 0 then
        local level, at = unpack(redis.call('hmget', KEYS[i], 'level', 'at'))
        level, at = tonumber(level) or 0, tonumber(at) or now
        -- Drain first: what has drained cannot be given back a second time.
        if now > at then level, at = math.max(0, level - (now - at) * limit), now end
        level = math.max(0, level + correction * minute)
        redis.call('hset', KEYS[i], 'level', string.format('%.0f', level), 'at', string.format('%.0f', at))
        redis.call('pexpire', KEYS[i], math.ceil(level / limit) + minute)
    end
end
return 1
