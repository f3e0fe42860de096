--[[
  stop: takes no more orders at a gate of this epoch or an older one. What was taken may still be committed.

  KEYS[1] gate  KEYS[2] marks
  ARGV[1] epoch

  Returns how many marks are pending.
]]
local epoch = tonumber(redis.call('HGET', KEYS[1], 'epoch') or 0)
if epoch > 0 and epoch <= tonumber(ARGV[1]) then redis.call('HSET', KEYS[1], 'state', 'stopped') end
return redis.call('HLEN', KEYS[2])
