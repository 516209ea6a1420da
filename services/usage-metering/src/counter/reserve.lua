-- Reserves all limits of an attempt in one slot, or none; or only looks.
-- KEYS[1] says whether the slot is open; KEYS[2] marks the grant; KEYS[3] is what processes hold; KEYS[4…] are the
-- counters, one per limit.
-- ARGV: "reserve" or "look", now, expiry (both in milliseconds), request, attempt, the epoch, when data was lost
-- (milliseconds, 0: never), the ticket of this call; then of each limit kind, limit, cost, least cost, soft (1 or 0),
-- milliseconds until its period ends (-1: never).
-- Answer: -1 if the slot is closed; 2 and the numbers of quotas that have no counter; 3 if it would fit but for what
-- processes hold; 1 if it fits and is reserved, or 0 if not, then used, reset, retry and what was reserved of each limit.
-- Retry -1 is never.
local day = 86400000
local reserve, now, expires = ARGV[1] == 'reserve', tonumber(ARGV[2]), tonumber(ARGV[3])
local request, attempt, epoch, lost, ticket = ARGV[4], tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), ARGV[8]
if redis.call('get', KEYS[1]) ~= epoch then return { -1 } end
if reserve then redis.call('pexpire', KEYS[1], day) end
local mark = reserve and read_mark(KEYS[2], ticket) or {}
-- Who asked has been told that it failed, and has taken it back before this call arrived.
if mark.undone then return { 0 } end
-- The same grant again is the same answer, counted once.
local counted = not reserve or mark.held or mark.r
local own_taken = {}
if mark.taken then
    for amount in string.gmatch(mark.taken, '[^,]+') do own_taken[#own_taken + 1] = amount end
end
local held = leases(KEYS[3], epoch)

local function ceil(value, by)
    return math.ceil(value / by)
end

local function running(key)
    redis.call('zremrangebyscore', key, '-inf', now)
    local used, own = redis.call('zcard', key), 0
    for n = 1, attempt - 1 do
        if redis.call('zscore', key, request .. '/' .. n) then own = own + 1 end
    end
    return used, own
end

local fits, blocked, found, missing = true, false, {}, { 2 }
for i = 4, #KEYS do
    local a = 6 * i - 15
    local it = {
        key = KEYS[i], kind = ARGV[a], limit = tonumber(ARGV[a + 1]), cost = tonumber(ARGV[a + 2]),
        least = tonumber(ARGV[a + 3]), soft = ARGV[a + 4] == '1', left = tonumber(ARGV[a + 5]), retry = 0, taken = 0,
        held = held[KEYS[i]] or 0
    }
    if counted then it.cost = 0 end
    -- How much there is too much, without what is held.
    local surplus = 0
    if it.kind == 'c' then
        local used, own = running(it.key)
        it.used = used
        surplus = used - own + it.cost - it.limit
        if it.cost > 0 and surplus > 0 then it.retry = 1000 end
    elseif it.kind == 'q' then
        it.used = quota(it.key, epoch)
        if not it.used then
            missing[#missing + 1] = i - 4
        else
            surplus = it.used + math.min(it.least, it.cost) - it.limit
            if it.cost > 0 and surplus > 0 then it.retry = it.left end
        end
    else
        it.level, it.at = drained(it.key, it.limit, now, epoch, lost)
        surplus = (it.level + it.cost * minute - it.limit * minute) / minute
        if it.cost > 0 then it.retry = math.max(0, ceil(surplus * minute, it.limit)) end
    end
    if it.soft then it.retry = 0 end
    if it.retry ~= 0 then fits = false end
    if it.cost > 0 and not it.soft and surplus + it.held > 0 then blocked = true end
    found[#found + 1] = it
end
if #missing > 1 then return missing end
if fits and blocked then return { 3 } end

local answer, taken = { fits and 1 or 0 }, {}
for n, it in ipairs(found) do
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
            if not it.soft then it.taken = math.min(it.cost, math.max(it.limit - it.used - it.held, it.least)) end
            redis.call('hincrby', it.key, 'used', whole(it.taken))
            redis.call('hincrby', it.key, 'o:' .. request .. '/' .. attempt, whole(it.taken))
            redis.call('pexpire', it.key, 7200000)
            it.used = it.used + it.taken
        end
        it.reset = it.used > 0 and math.max(0, it.left) or 0
    else
        if take then
            it.level = it.level + it.cost * minute
            fill(it.key, it.limit, it.level, it.at, epoch)
        end
        it.used, it.reset = ceil(it.level, minute), ceil(it.level, it.limit)
    end
    taken[#taken + 1] = whole(it.taken)
    if reserve and counted and #own_taken == #found then it.taken = tonumber(own_taken[n]) end
    answer[#answer + 1] = it.used
    answer[#answer + 1] = it.reset
    answer[#answer + 1] = it.retry
    answer[#answer + 1] = it.taken
end
if reserve and fits then
    -- Everybody who relies on the mark is named in it, so that one who takes back takes nothing from another.
    if not mark.r then redis.call('hset', KEYS[2], 't:' .. ticket, '') end
    if not counted then redis.call('hset', KEYS[2], 'taken', table.concat(taken, ',')) end
    redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), math.max(1, expires - now) + minute))
end
return answer
