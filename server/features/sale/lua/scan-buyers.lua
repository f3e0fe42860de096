--[[
  scan-buyers: one step through everybody who has or had an order at a gate, without what they bought.

  KEYS[1] buyers  hash  as in take.lua
  ARGV[1] cursor, '0' to begin  ARGV[2] buyers looked at, about

  Returns { next cursor, buyerIds }. The next cursor is '0' at the end.
]]
local step = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local flat, buyers = step[2], {}
for at = 1, #flat, 2 do buyers[#buyers + 1] = flat[at] end
return { step[1], buyers }
