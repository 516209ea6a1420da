-- Counts an attempt that was admitted from what a process holds of a slot. KEYS as in reserve.lua.
-- ARGV: the grant, now and its expiry in milliseconds, the epoch, when data was lost, the ticket; then of each limit
-- kind, limit and cost in units.
-- Answer: -1 if the slot is closed. Repeating it changes nothing, and it does not matter whether the grant ends before,
-- or was restored from the tables before.
local grant, now, expires = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local epoch, lost, ticket = ARGV[4], tonumber(ARGV[5]), ARGV[6]
if redis.call('get', KEYS[1]) ~= epoch then return -1 end
local mark = read_mark(KEYS[2], ticket)
if mark.undone or mark.adopted or mark.own == '' then return 0 end
local life = math.max(1, expires - now) + minute
if mark.held and not mark.restored then
    redis.call('hset', KEYS[2], 't:' .. ticket, '')
    return 0
end
-- What its end has left to be counted, `-` where that is nothing.
local ended = {}
for digits in string.gmatch(mark.r or '', '[^,]+') do ended[#ended + 1] = digits end
for i = 4, #KEYS do
    local kind, limit, cost = ARGV[3 * i - 5], tonumber(ARGV[3 * i - 4]), ARGV[3 * i - 3]
    local left = mark.r and (ended[i - 3] or '0')
    if kind == 'c' then
        if not mark.held and not mark.r then
            redis.call('zadd', KEYS[i], expires, grant)
            redis.call('pexpire', KEYS[i], math.max(redis.call('pttl', KEYS[i]), life))
        end
    elseif left == '-' then
        -- It was counted when the grant ended.
    elseif kind == 'q' then
        join(KEYS[i], grant, cost, left, epoch)
    else
        correct(KEYS[i], limit, tonumber(cost), now, epoch, lost)
        if left then correct(KEYS[i], limit, tonumber(left), now, epoch, lost) end
    end
end
redis.call('hset', KEYS[2], mark.r and 'adopted' or ('t:' .. ticket), '')
redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), life))
return 1
