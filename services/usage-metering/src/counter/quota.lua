-- The counter of one quota. KEYS[1] says whether the slot is open; KEYS[2] is the counter.
-- ARGV: the epoch, then
-- "begin", a number: from now on it is noted what ends and what is admitted without Redis, until it is installed. Several
-- may load at once: answers 1 and the number of the first;
-- "install", that number, what is settled, then of each grant that was open when the tables were read its id and what it reserved:
-- answers 1 if the counter is there, 0 if not;
-- "amend", by how much, and of which grant: what was settled of it is something else after all. Once for each grant.
-- Answer -1: the slot is closed.
local epoch, what = ARGV[1], ARGV[2]
if redis.call('get', KEYS[1]) ~= epoch then return { -1 } end
if quota(KEYS[2], epoch) then
    if what == 'amend' and redis.call('hsetnx', KEYS[2], 'm:' .. ARGV[4], '') == 1 then
        redis.call('hincrby', KEYS[2], 'used', ARGV[3])
    end
    return { 1 }
end
if what == 'begin' then
    note_in(KEYS[2], epoch)
    redis.call('hsetnx', KEYS[2], 'begun', ARGV[3])
    return { 1, tonumber(redis.call('hget', KEYS[2], 'begun')) }
end
local begun, of = unpack(redis.call('hmget', KEYS[2], 'begun', 'e'))
if of ~= epoch or not begun then return { 0 } end
if what == 'amend' then
    -- What is being read may have it already. Twice refuses early, never would be an overrun.
    if tonumber(ARGV[3]) > 0 and redis.call('hsetnx', KEYS[2], 'm:' .. ARGV[4], '') == 1 then
        redis.call('hincrby', KEYS[2], 'missed', ARGV[3])
    end
    return { 1 }
end
-- What was noted before the counter was dropped, and after it was read, is lost.
if begun ~= ARGV[3] then return { 0 } end
local noted, fields = {}, redis.call('hgetall', KEYS[2])
for n = 1, #fields, 2 do noted[fields[n]] = fields[n + 1] end
redis.call('del', KEYS[2])
redis.call('hset', KEYS[2], 'e', epoch, 'used', ARGV[4])
redis.call('hincrby', KEYS[2], 'used', noted.missed or '0')

local function count(grant, amount)
    local ended = noted['x:' .. grant]
    if ended == '-' then return end
    redis.call('hincrby', KEYS[2], 'used', amount)
    if ended then
        redis.call('hincrby', KEYS[2], 'used', ended)
    else
        redis.call('hset', KEYS[2], 'o:' .. grant, amount)
    end
end
for i = 5, #ARGV, 2 do
    count(ARGV[i], ARGV[i + 1])
    noted['a:' .. ARGV[i]] = nil
end
for field, amount in pairs(noted) do
    local what = string.sub(field, 1, 2)
    if what == 'a:' then
        -- It was admitted without Redis, and was not in the tables when they were read.
        count(string.sub(field, 3), amount)
    elseif what == 'm:' then
        redis.call('hset', KEYS[2], field, '')
    end
end
redis.call('pexpire', KEYS[2], 7200000)
return { 1 }
