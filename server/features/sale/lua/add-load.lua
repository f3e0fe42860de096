--[[
  add-load: puts orders or waiting people of the ledger into a gate that is being loaded.

  KEYS    as in begin-load.lua
  ARGV[1] epoch; ARGV[2] 'orders' or 'waiting'; then
          orders   for each order: buyerId .. requestKey, claim, units; 0 units: it has ended, and only its buyer is kept
          waiting  for each person: their place as in wait.lua, personId

  Returns 1, or 0 when the gate is not being loaded under this epoch (any more).
  Cost    O(orders).
]]
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'state')
if gate[1] ~= ARGV[1] or gate[2] ~= 'loading' then return 0 end
if ARGV[2] == 'waiting' then
  redis.call('ZADD', KEYS[4], unpack(ARGV, 3))
  return 1
end
local BUYER = 36
for at = 3, #ARGV, 3 do
  local buyer, key, units = string.sub(ARGV[at], 1, BUYER), string.sub(ARGV[at], BUYER + 1), tonumber(ARGV[at + 2])
  local record = redis.call('HGET', KEYS[2], buyer) or '0\n'
  if units > 0 then
    local head = string.find(record, '\n', 1, true)
    local bought = tonumber(string.sub(record, 1, head - 1)) + units
    record = bought .. string.sub(record, head) .. ARGV[at + 1] .. units .. ' ' .. key .. '\n'
  end
  redis.call('HSET', KEYS[2], buyer, record)
end
return 1
