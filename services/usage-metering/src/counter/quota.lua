-- The counter of one quota. KEYS[1] says whether the slot is open; KEYS[2] is the counter.
-- ARGV: the epoch, then
-- "begin": from now on what changes is noted, until it is installed;
-- "install", used, 1 if nothing may have changed since it began or 0: answers 1 if the counter is there, 0 if not.
-- Answer -1: the slot is closed.
if redis.call('get', KEYS[1]) ~= ARGV[1] then return -1 end
local known = redis.call('hexists', KEYS[2], 'used') == 1
if ARGV[2] == 'begin' then
    if not known then
        redis.call('hset', KEYS[2], 'missed', '0', 'corrected', '0')
        redis.call('pexpire', KEYS[2], 60000)
    end
    return 1
end
if known then return 1 end
local missed, corrected = unpack(redis.call('hmget', KEYS[2], 'missed', 'corrected'))
if not missed or corrected ~= '0' and ARGV[4] == '1' then return 0 end
redis.call('hset', KEYS[2], 'used', ARGV[3])
redis.call('hincrby', KEYS[2], 'used', missed)
redis.call('hdel', KEYS[2], 'missed', 'corrected')
redis.call('pexpire', KEYS[2], 7200000)
return 1
