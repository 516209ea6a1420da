-- Reserves all limits of an attempt, or none; or only looks.
-- KEYS[1] marks the grant; KEYS[2…] are the counters, one per limit.
-- ARGV: "reserve" or "look", now, expiry (both in milliseconds), request, attempt, then kind, limit and cost per limit.
-- Answer: 1 if it fits and is reserved, 0 if not; then used, reset and retry of each limit.
-- Levels count 1/60000 of a unit, as in gcra.rs: whole numbers below 2^53, so exact.
local minute = 60000
local reserve, now, expires = ARGV[1] == 'reserve', tonumber(ARGV[2]), tonumber(ARGV[3])
local request, attempt = ARGV[4], tonumber(ARGV[5])
-- The same grant again is the same answer, counted once.
local counted = not reserve or redis.call('exists', KEYS[1]) == 1

local function ceil(value, by)
    return math.ceil(value / by)
end

local function drained(key, limit)
    local level, at = unpack(redis.call('hmget', key, 'level', 'at'))
    level, at = tonumber(level) or 0, tonumber(at) or now
    if now > at then
        return math.max(0, level - (now - at) * limit), now
    elseif at - now > minute then
        return 0, now
    end
    -- Clocks of several processes differ a little: time stands still until this one has caught up.
    return level, at
end

local function running(key)
    redis.call('zremrangebyscore', key, '-inf', now)
    local used, own = redis.call('zcard', key), 0
    for n = 1, attempt - 1 do
        if redis.call('zscore', key, request .. '/' .. n) then own = own + 1 end
    end
    return used, own
end

local fits, found = true, {}
for i = 2, #KEYS do
    local kind, limit, cost = ARGV[3 * i], tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
    if counted then cost = 0 end
    local it = { kind = kind, limit = limit, cost = cost, key = KEYS[i], retry = 0 }
    if kind == 'c' then
        local used, own = running(it.key)
        it.used = used
        if cost > 0 and used - own + cost > limit then it.retry = 1000 end
    else
        it.level, it.at = drained(it.key, limit)
        if cost > 0 then
            it.retry = math.max(0, ceil(it.level + cost * minute - limit * minute, limit))
        end
    end
    if it.retry > 0 then fits = false end
    found[#found + 1] = it
end

local answer = { fits and 1 or 0 }
for _, it in ipairs(found) do
    if it.kind == 'c' then
        if fits and not counted then
            redis.call('zadd', it.key, expires, request .. '/' .. attempt)
            redis.call('pexpire', it.key, math.max(redis.call('pttl', it.key), expires - now + minute))
            it.used = it.used + 1
        end
        it.reset = it.used > 0 and 1000 or 0
    else
        if fits and not counted then
            it.level = it.level + it.cost * minute
            redis.call('hset', it.key, 'level', string.format('%.0f', it.level), 'at', string.format('%.0f', it.at))
            redis.call('pexpire', it.key, ceil(it.level, it.limit) + minute)
        end
        it.used, it.reset = ceil(it.level, minute), ceil(it.level, it.limit)
    end
    answer[#answer + 1] = it.used
    answer[#answer + 1] = it.reset
    answer[#answer + 1] = it.retry
end
if fits and not counted then
    redis.call('set', KEYS[1], '1', 'px', math.max(1, expires - now) + minute)
end
return answer
