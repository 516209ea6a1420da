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

-- Adds to what was taken of a bucket, or gives back.
local function correct(key, limit, by, now, epoch, lost)
    if by == 0 then return end
    -- Drain first: what has drained cannot be given back a second time.
    local level, at = drained(key, limit, now, epoch, lost)
    fill(key, limit, math.max(0, level + by * minute), at, epoch)
end

-- Quotas know each grant that is open in them: `o:<grant>` is what it reserved. Until a quota is loaded, `x:<grant>` says
-- that a grant has ended since, and how that corrects it (`-`: it was taken back as a whole), and `a:<grant>` what was
-- admitted without Redis. Amounts stay digits: exact beyond 2^53 as well, where Lua's numbers are not.

-- Makes sure that what is noted in a quota that is not loaded belongs to this epoch.
local function note_in(key, epoch)
    if redis.call('hget', key, 'e') ~= epoch then
        redis.call('del', key)
        redis.call('hset', key, 'e', epoch)
    end
    redis.call('pexpire', key, minute)
end

-- The end of a grant in a quota: `digits` corrects what it reserved, `-` takes it back. Whether that is done now; if not,
-- the grant is not open here: it has ended before, it was read from the tables after its end, or it is yet to come.
local function leave(key, grant, digits, epoch)
    if not quota(key, epoch) then
        note_in(key, epoch)
        redis.call('hsetnx', key, 'x:' .. grant, digits)
        return false
    end
    local own = redis.call('hget', key, 'o:' .. grant)
    if not own then return false end
    redis.call('hdel', key, 'o:' .. grant)
    if digits == '-' then digits = string.sub(own, 1, 1) == '-' and string.sub(own, 2) or '-' .. own end
    redis.call('hincrby', key, 'used', digits)
    return true
end

-- A grant that was admitted without Redis, and by how much its end corrected it if that came first.
local function join(key, grant, cost, ended, epoch)
    if not quota(key, epoch) then
        note_in(key, epoch)
        redis.call('hset', key, 'a:' .. grant, cost)
        if ended then
            redis.call('hset', key, 'x:' .. grant, ended)
        elseif redis.call('hget', key, 'x:' .. grant) == '-' then
            -- Another reservation of the same grant was taken back.
            redis.call('hdel', key, 'x:' .. grant)
        end
    elseif redis.call('hexists', key, 'o:' .. grant) == 0 then
        redis.call('hincrby', key, 'used', cost)
        if ended then
            redis.call('hincrby', key, 'used', ended)
        else
            redis.call('hset', key, 'o:' .. grant, cost)
        end
    end
end

-- Who relies on the mark of a grant: whether anybody does, whether what relies on it was only restored from the tables (so
-- that nothing but what runs is counted), whether this ticket was undone, whether any was, and what the end of the grant
-- left to be counted if it came before the mark.
local function read_mark(key, ticket)
    local mark = { held = false, restored = true, undone = false, undos = false, tickets = {} }
    local fields = redis.call('hgetall', key)
    for n = 1, #fields, 2 do
        local field, value = fields[n], fields[n + 1]
        if string.sub(field, 1, 2) == 't:' then
            mark.held = true
            if value ~= 'c' then mark.restored = false end
            if field == 't:' .. ticket then mark.own = value end
            mark.tickets[#mark.tickets + 1] = field
        elseif string.sub(field, 1, 2) == 'u:' then
            mark.undos = true
            if field == 'u:' .. ticket then mark.undone = true end
        else
            mark[field] = value
        end
    end
    mark.restored = mark.held and mark.restored
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
