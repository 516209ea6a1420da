-- Reserves all limits of an attempt in one slot, or none; or only looks.
-- KEYS[1] says whether the slot is open; KEYS[2] marks the grant; KEYS[3…] are the counters, one per limit.
-- ARGV: "reserve" or "look", now, expiry (both in milliseconds), request, attempt, the epoch, when data was lost
-- (milliseconds, 0: never); then of each limit kind, limit, cost, least cost, soft (1 or 0), milliseconds until its
-- period ends (-1: never).
-- Answer: -1 if the slot is closed; 2 and the numbers of quotas that have no counter; 1 if it fits and is reserved, or 0
-- if not, then used, reset, retry and what was reserved of each limit. Retry -1 is never.
-- Levels count 1/60000 of a unit, as in gcra.rs: whole numbers below 2^53, so exact.
local minute, day = 60000, 86400000
local reserve, now, expires = ARGV[1] == 'reserve', tonumber(ARGV[2]), tonumber(ARGV[3])
local request, attempt, lost = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[7])
if redis.call('get', KEYS[1]) ~= ARGV[6] then return { -1 } end
if reserve then redis.call('pexpire', KEYS[1], day) end
-- The same grant again is the same answer, counted once.
local counted = not reserve or redis.call('exists', KEYS[2]) == 1

local function ceil(value, by)
    return math.ceil(value / by)
end

local function drained(key, limit)
    local level, at = unpack(redis.call('hmget', key, 'level', 'at'))
    if not level and lost > 0 then
        -- What was taken before data was lost is not known: as much as could be.
        level, at = limit * minute, lost
    end
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

local fits, found, missing = true, {}, { 2 }
for i = 3, #KEYS do
    local a = 6 * i - 10
    local it = {
        key = KEYS[i], kind = ARGV[a], limit = tonumber(ARGV[a + 1]), cost = tonumber(ARGV[a + 2]),
        least = tonumber(ARGV[a + 3]), soft = ARGV[a + 4] == '1', left = tonumber(ARGV[a + 5]), retry = 0, taken = 0
    }
    if counted then it.cost = 0 end
    if it.kind == 'c' then
        local used, own = running(it.key)
        it.used = used
        if it.cost > 0 and used - own + it.cost > it.limit then it.retry = 1000 end
    elseif it.kind == 'q' then
        it.used = tonumber(redis.call('hget', it.key, 'used'))
        if not it.used then
            missing[#missing + 1] = i - 3
        elseif it.cost > 0 and it.used + math.min(it.least, it.cost) > it.limit then
            it.retry = it.left
        end
    else
        it.level, it.at = drained(it.key, it.limit)
        if it.cost > 0 then
            it.retry = math.max(0, ceil(it.level + it.cost * minute - it.limit * minute, it.limit))
        end
    end
    if it.soft then it.retry = 0 end
    if it.retry ~= 0 then fits = false end
    found[#found + 1] = it
end
if #missing > 1 then return missing end

local answer = { fits and 1 or 0 }
for _, it in ipairs(found) do
    local take = fits and not counted
    if take then it.taken = it.cost end
    if it.kind == 'c' then
        if take then
            redis.call('zadd', it.key, expires, request .. '/' .. attempt)
            redis.call('pexpire', it.key, math.max(redis.call('pttl', it.key), expires - now + minute))
            it.used = it.used + 1
        end
        it.reset = it.used > 0 and 1000 or 0
    elseif it.kind == 'q' then
        if take then
            if not it.soft then it.taken = math.min(it.cost, math.max(it.limit - it.used, it.least)) end
            -- Exact beyond 2^53 as well, where Lua's numbers are not.
            redis.call('hincrby', it.key, 'used', string.format('%.0f', it.taken))
            redis.call('pexpire', it.key, 7200000)
            it.used = it.used + it.taken
        end
        it.reset = it.used > 0 and math.max(0, it.left) or 0
    else
        if take then
            it.level = it.level + it.cost * minute
            redis.call('hset', it.key, 'level', string.format('%.0f', it.level), 'at', string.format('%.0f', it.at))
            redis.call('pexpire', it.key, ceil(it.level, it.limit) + minute)
        end
        it.used, it.reset = ceil(it.level, minute), ceil(it.level, it.limit)
    end
    answer[#answer + 1] = it.used
    answer[#answer + 1] = it.reset
    answer[#answer + 1] = it.retry
    answer[#answer + 1] = it.taken
end
if fits and not counted then
    redis.call('set', KEYS[2], '1', 'px', math.max(1, expires - now) + minute)
end
return answer
