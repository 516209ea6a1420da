-- Counts an attempt that was admitted from what a process holds of a slot. KEYS as in reserve.lua.
-- ARGV: the grant, now and its expiry in milliseconds, the epoch, when data was lost, the ticket; then of each limit
-- kind, limit and cost in units.
-- Answer: -1 if the slot is closed. Repeating it changes nothing, and it does not matter whether the grant ends before.
local now, expires, epoch, lost, ticket = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]
if redis.call('get', KEYS[1]) ~= epoch then return -1 end
local mark = read_mark(KEYS[2], ticket)
if mark.undone or mark.adopted then return 0 end
local life = math.max(1, expires - now) + minute
if mark.held then
    redis.call('hset', KEYS[2], 't:' .. ticket, '')
    return 0
end
local corrections = {}
for number in string.gmatch(mark.r or '', '[^,]+') do corrections[#corrections + 1] = number end
for i = 4, #KEYS do
    local kind, limit, cost = ARGV[3 * i - 5], tonumber(ARGV[3 * i - 4]), ARGV[3 * i - 3]
    correct(kind, KEYS[i], limit, tonumber(cost), cost, now, epoch, lost)
    if mark.r then
        local digits = corrections[i - 3] or '0'
        correct(kind, KEYS[i], limit, tonumber(digits), digits, now, epoch, lost)
    elseif kind == 'c' then
        redis.call('zadd', KEYS[i], expires, ARGV[1])
        redis.call('pexpire', KEYS[i], math.max(redis.call('pttl', KEYS[i]), life))
    end
end
redis.call('hset', KEYS[2], mark.r and 'adopted' or ('t:' .. ticket), '')
redis.call('pexpire', KEYS[2], math.max(redis.call('pttl', KEYS[2]), life))
return 1
