-- Closes a slot, so that it is opened again from the tables. KEYS[1] says whether it is open, KEYS[2] since when it is
-- closed. ARGV: the epoch, now in milliseconds.
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[2], 'px', 3600000)
redis.call('del', KEYS[1])
return 1
