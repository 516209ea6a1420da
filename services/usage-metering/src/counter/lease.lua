-- Gives a process small shares of limits to hold, in place of those that it had in this slot.
-- KEYS[1] says whether the slot is open; KEYS[2] is what processes hold; KEYS[3…] are the counters.
-- ARGV: the epoch, the holder, now in milliseconds, when data was lost; then of each limit kind, limit and how much the
-- holder would like. Without counters it holds nothing from now on.
-- Answer: -1 if the slot is closed; else 1, and of each limit how much it holds.
local epoch, holder, now, lost = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('get', KEYS[1]) ~= epoch then return { -1 } end
for _, field in ipairs(redis.call('hkeys', KEYS[2])) do
    local of, who = string.match(field, '|([^|]*)|([^|]*)$')
    if of ~= epoch or who == holder then redis.call('hdel', KEYS[2], field) end
end
local others, answer = leases(KEYS[2], epoch), { 1 }
for i = 3, #KEYS do
    local kind, limit, want = ARGV[3 * i - 4], tonumber(ARGV[3 * i - 3]), tonumber(ARGV[3 * i - 2])
    local used
    if kind == 'c' then
        redis.call('zremrangebyscore', KEYS[i], '-inf', now)
        used = redis.call('zcard', KEYS[i])
    elseif kind == 'q' then
        used = quota(KEYS[i], epoch) or limit
    else
        used = math.ceil(drained(KEYS[i], limit, now, epoch, lost) / minute)
    end
    -- A quarter of what is left, and never the last of it.
    local left, share = limit - used - (others[KEYS[i]] or 0), 0
    if left >= 2 then share = math.max(0, math.min(want, math.max(1, math.floor(left / 4)))) end
    if share > 0 then redis.call('hset', KEYS[2], KEYS[i] .. '|' .. epoch .. '|' .. holder, whole(share)) end
    answer[#answer + 1] = share
end
redis.call('pexpire', KEYS[2], 86400000)
return answer
