--[[
  finish-load: opens a loaded gate.

  KEYS[1] gate   KEYS[2] line
  ARGV[1] epoch  ARGV[2] free units  ARGV[3] channel of changes  ARGV[4] offerId
  ARGV[5] 1 when it was on sale before, under another epoch: gateways may have cached refusals of that one

  Returns 1, or 0 when the gate is not being loaded under this epoch (any more).
  Keeps   while somebody waits, free units are kept for them.
]]
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'state')
if gate[1] ~= ARGV[1] or gate[2] ~= 'loading' then return 0 end
local pool = redis.call('ZCARD', KEYS[2]) > 0 and 'kept' or 'left'
local time = redis.call('TIME')
local reopenedAt = ARGV[5] == '1' and time[1] * 1000 + math.floor(time[2] / 1000) or 0
redis.call('HSET', KEYS[1], pool, ARGV[2], 'state', 'open', 'reopenedAt', reopenedAt)
redis.call('PUBLISH', ARGV[3], 'changed ' .. ARGV[4] .. ' ' .. ARGV[1])
return 1
