--[[
  drop: forgets the gate of an offer that has ended.

  KEYS    gate, buyers, marks, line
  ARGV[1] epoch of the end; a gate that was loaded after it stays
  ARGV[2] channel of changes  ARGV[3] offerId
]]
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or 0)
if epoch <= tonumber(ARGV[1]) then redis.call('UNLINK', unpack(KEYS)) end
return redis.call('PUBLISH', ARGV[2], 'changed ' .. ARGV[3] .. ' ' .. ARGV[1])
