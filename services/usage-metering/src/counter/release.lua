-- Gives back what an attempt held in one slot. KEYS as in reserve.lua.
-- ARGV: the grant, now in milliseconds, the epoch, when data was lost, the ticket that is taken back (empty: the grant
-- has ended, whoever reserved it); then of each limit kind, limit and correction in units.
-- Answer: -1 if the slot is closed, so that this has to be sent again; 0 if there was nothing to give back.
local now, epoch, lost, ticket = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4]), ARGV[5]
if redis.call('get', KEYS[1]) ~= epoch then return -1 end
local mark = read_mark(KEYS[2], ticket)
if ticket ~= '' then
    -- The call that reserved it may still be on its way, or another may have found it counted.
    redis.call('hset', KEYS[2], 'u:' .. ticket, '')
    redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), 3600000))
    if redis.call('hdel', KEYS[2], 't:' .. ticket) == 0 or #mark.tickets > 1 then return 0 end
    redis.call('hdel', KEYS[2], 'taken')
elseif not mark.held then
    -- It was given back before; or it was admitted from what a process holds, and its mark is to come.
    if not mark.r then
        local corrections = {}
        for i = 4, #KEYS do corrections[#corrections + 1] = ARGV[3 * i - 4] end
        redis.call('hset', KEYS[2], 'r', table.concat(corrections, ','))
        redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), 7200000))
    end
    return 0
elseif mark.undos then
    redis.call('hdel', KEYS[2], 'taken', unpack(mark.tickets))
else
    redis.call('del', KEYS[2])
end
for i = 4, #KEYS do
    local kind, limit, digits = ARGV[3 * i - 6], tonumber(ARGV[3 * i - 5]), ARGV[3 * i - 4]
    if kind == 'c' then redis.call('zrem', KEYS[i], ARGV[1]) end
    correct(kind, KEYS[i], limit, tonumber(digits), digits, now, epoch, lost)
end
return 1
