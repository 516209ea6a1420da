-- Gives a process small shares of limits to hold, in place of those that it had in this slot.
-- KEYS[1] says whether the slot is open; KEYS[2] is what processes hold; KEYS[3] the number of the holder's last call;
-- KEYS[4…] are the counters.
-- ARGV: the epoch, the holder, the number of this call, now in milliseconds, when data was lost, 1 if nobody else has
-- needed anything of the slot lately; then of each limit kind, limit, how much the holder would like, and how much one
-- request needs. Without counters it holds nothing from now on.
-- Answer: -1 if the slot is closed, 0 if a later call came first; else 1, and of each limit how much it holds.
local epoch, holder, number = ARGV[1], ARGV[2], tonumber(ARGV[3])
local now, lost, is_alone = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
if redis.call('get', KEYS[1]) ~= epoch then return { -1 } end
-- A call whose answer nobody waited for may come late. What it says is not what its holder believes any more.
if tonumber(redis.call('get', KEYS[3]) or '0') >= number then return { 0 } end
redis.call('set', KEYS[3], ARGV[3], 'px', 600000)
for _, field in ipairs(redis.call('hkeys', KEYS[2])) do
    local of, who = string.match(field, '|([^|]*)|([^|]*)$')
    if of ~= epoch or who == holder then redis.call('hdel', KEYS[2], field) end
end
local others, answer = leases(KEYS[2], epoch), { 1 }
for i = 4, #KEYS do
    local a = 4 * i - 9
    local kind, limit, want, one = ARGV[a], tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
    local used
    if kind == 'c' then
        redis.call('zremrangebyscore', KEYS[i], '-inf', now)
        used = redis.call('zcard', KEYS[i])
    elseif kind == 'q' then
        used = quota(KEYS[i], epoch) or limit
    else
        used = math.ceil(drained(KEYS[i], limit, now, epoch, lost) / minute)
    end
    -- A quarter of what is left, and never the last of it; but what one request needs, where it is nobody else's.
    local left, share = limit - used - (others[KEYS[i]] or 0), 0
    if left >= 2 then share = math.max(0, math.min(want, math.max(1, math.floor(left / 4)))) end
    if is_alone and share < one and one <= left then share = one end
    if share > 0 then redis.call('hset', KEYS[2], KEYS[i] .. '|' .. epoch .. '|' .. holder, whole(share)) end
    answer[#answer + 1] = share
end
redis.call('pexpire', KEYS[2], 86400000)
return answer
