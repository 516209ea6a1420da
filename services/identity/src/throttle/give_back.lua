-- Takes back one failure that was counted in advance.
local n = tonumber(redis.call('HGET', KEYS[1], 'n'))
if not n then
    return 0
end
if n <= 1 then
    redis.call('DEL', KEYS[1])
else
    redis.call('HSET', KEYS[1], 'n', string.format('%.6f', n - 1))
end
return 1
