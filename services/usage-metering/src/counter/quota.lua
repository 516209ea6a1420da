-- The counter of one quota. KEYS[1] says whether the slot is open; KEYS[2] is the counter.
-- ARGV: the epoch, then
-- "begin": from now on what changes is noted, until it is installed; answers 1, how much has changed so far, and how
-- much of it was missed. Several may load at once;
-- "install", used, 1 if nothing may have changed since it began or 0, and what "begin" answered: answers 1 if the
-- counter is there, 0 if not.
-- Answer -1: the slot is closed.
local epoch = ARGV[1]
if redis.call('get', KEYS[1]) ~= epoch then return { -1 } end
if quota(KEYS[2], epoch) then return { 1, 0, 0 } end
local missed, changes, of = unpack(redis.call('hmget', KEYS[2], 'missed', 'changes', 'e'))
if ARGV[2] == 'begin' then
    if of ~= epoch then
        redis.call('del', KEYS[2])
        redis.call('hset', KEYS[2], 'missed', '0', 'changes', '0', 'e', epoch)
        missed, changes = '0', '0'
    end
    redis.call('pexpire', KEYS[2], 60000)
    return { 1, tonumber(changes), tonumber(missed) }
end
if of ~= epoch or not missed then return { 0 } end
if changes ~= ARGV[5] and ARGV[4] == '1' then return { 0 } end
redis.call('hset', KEYS[2], 'used', ARGV[3])
redis.call('hincrby', KEYS[2], 'used', whole(math.max(0, tonumber(missed) - tonumber(ARGV[6]))))
redis.call('hdel', KEYS[2], 'missed', 'changes')
redis.call('pexpire', KEYS[2], 7200000)
return { 1 }
