-- Gives back what an attempt held in one slot. KEYS as in reserve.lua.
-- ARGV: the grant, now in milliseconds, the epoch, when data was lost, the ticket that is taken back (empty: the grant
-- has ended, whoever reserved it); then of each limit kind, limit and correction in units.
-- Answer: -1 if the slot is closed, so that this has to be sent again; 0 if there was nothing to give back.
local grant, now, epoch, lost, ticket = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5]
if redis.call('get', KEYS[1]) ~= epoch then return -1 end
local mark, is_undo = read_mark(KEYS[2], ticket), ticket ~= ''
if is_undo then
    -- The call that reserved it may still be on its way, or another may have found it counted.
    redis.call('hset', KEYS[2], 'u:' .. ticket, '')
    redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), 3600000))
    if redis.call('hdel', KEYS[2], 't:' .. ticket) == 0 or #mark.tickets > 1 then return 0 end
    redis.call('hdel', KEYS[2], 'taken')
elseif mark.held and mark.undos then
    redis.call('hdel', KEYS[2], 'taken', unpack(mark.tickets))
elseif mark.held then
    redis.call('del', KEYS[2])
end
local is_counted, left = mark.held and not mark.restored, {}
for i = 4, #KEYS do
    local kind, limit, digits = ARGV[3 * i - 6], tonumber(ARGV[3 * i - 5]), ARGV[3 * i - 4]
    local is_done = is_counted
    if kind == 'c' then
        redis.call('zrem', KEYS[i], grant)
    elseif kind == 'q' then
        -- What was reserved of it may be less than was asked for: it knows that itself.
        is_done = leave(KEYS[i], grant, is_undo and '-' or digits, epoch)
    elseif is_counted then
        correct(KEYS[i], limit, tonumber(digits), now, epoch, lost)
    end
    left[#left + 1] = (is_done or kind == 'c') and '-' or digits
end
if not is_undo and not is_counted and not mark.r then
    -- It was given back before; or it was admitted from what a process holds, and its mark is to come.
    redis.call('hset', KEYS[2], 'r', table.concat(left, ','))
    redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), 7200000))
end
return mark.held and 1 or 0
