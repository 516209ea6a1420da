-- What all scripts share. Levels count 1/60000 of a unit, as in gcra.rs: whole numbers below 2^53, so exact.
local minute = 60000

local function whole(number)
    return string.format('%.0f', number)
end

-- How full a bucket is, and up to when it is drained. What is not known to belong to this epoch was taken before data
-- was lost: as much as could be.
local function drained(key, limit, now, epoch, lost)
    local level, at, of = unpack(redis.call('hmget', key, 'level', 'at', 'e'))
    if lost > 0 and of ~= epoch then level, at = limit * minute, lost end
    level, at = tonumber(level) or 0, tonumber(at) or now
    if now > at then
        return math.max(0, level - (now - at) * limit), now
    elseif at - now > minute then
        return 0, now
    end
    -- Clocks of several processes differ a little: time stands still until this one has caught up.
    return level, at
end

local function fill(key, limit, level, at, epoch)
    redis.call('hset', key, 'level', whole(level), 'at', whole(at), 'e', epoch)
    redis.call('pexpire', key, math.ceil(level / limit) + minute)
end

-- What a quota has used; nothing if it has to be loaded in this epoch.
local function quota(key, epoch)
    local used, of = unpack(redis.call('hmget', key, 'used', 'e'))
    if of == epoch then return tonumber(used) end
end

-- Adds to what was taken, or gives back, with the digits of the number beside it: exact beyond 2^53 as well.
local function correct(kind, key, limit, by, digits, now, epoch, lost)
    if kind == 'q' then
        if redis.call('hget', key, 'e') ~= epoch then return end
        if redis.call('hexists', key, 'used') == 1 then
            redis.call('hincrby', key, 'used', digits)
        else
            -- It is being loaded: what was read may have this already. Twice refuses early, never would be an overrun.
            redis.call('hincrby', key, 'changes', 1)
            if by > 0 then redis.call('hincrby', key, 'missed', digits) end
        end
    elseif kind ~= 'c' and by ~= 0 then
        -- Drain first: what has drained cannot be given back a second time.
        local level, at = drained(key, limit, now, epoch, lost)
        fill(key, limit, math.max(0, level + by * minute), at, epoch)
    end
end

-- Who relies on the mark of a grant: whether anybody does, whether this ticket was undone, whether any was, and what
-- the end of the grant changed if it came before the mark.
local function read_mark(key, ticket)
    local mark = { held = false, undone = false, undos = false, tickets = {} }
    local fields = redis.call('hgetall', key)
    for n = 1, #fields, 2 do
        local field = fields[n]
        if string.sub(field, 1, 2) == 't:' then
            mark.held = true
            mark.tickets[#mark.tickets + 1] = field
        elseif string.sub(field, 1, 2) == 'u:' then
            mark.undos = true
            if field == 'u:' .. ticket then mark.undone = true end
        else
            mark[field] = fields[n + 1]
        end
    end
    return mark
end

-- What processes hold of counters, by counter: of everybody, or of everybody but one.
local function leases(key, epoch, but)
    local sums, fields = {}, redis.call('hgetall', key)
    for n = 1, #fields, 2 do
        local counter, of, holder = string.match(fields[n], '^(.*)|([^|]*)|([^|]*)$')
        if of == epoch and holder ~= but then sums[counter] = (sums[counter] or 0) + tonumber(fields[n + 1]) end
    end
    return sums
end
