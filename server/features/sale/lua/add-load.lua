--[[
  add-load: puts orders or waiting people of the ledger into a gate that is being loaded.

  KEYS    as in begin-load.lua
  ARGV[1] epoch; ARGV[2] 'orders' or 'waiting'; then
          orders   for each order: buyerId .. requestKey, claim, units; 0 units: it has ended, and only its buyer is kept
          waiting  for each person: ticket, personId .. units

  Returns 1, or 0 when the gate is not being loaded under this epoch (any more).
  Cost    O(orders).
]]
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'state')
if gate[1] ~= ARGV[1] or gate[2] ~= 'loading' then return 0 end
if ARGV[2] == 'waiting' then
  redis.call('ZADD', KEYS[5], unpack(ARGV, 3))
  return 1
end
local taken = {}
for at = 3, #ARGV, 3 do
  redis.call('HINCRBY', KEYS[2], string.sub(ARGV[at], 1, 36), ARGV[at + 2])
  if ARGV[at + 2] ~= '0' then taken[#taken + 1], taken[#taken + 2] = ARGV[at], ARGV[at + 1] .. ARGV[at + 2] end
end
if #taken > 0 then redis.call('HSET', KEYS[3], unpack(taken)) end
return 1
