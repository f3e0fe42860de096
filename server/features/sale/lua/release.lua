--[[
  release: gives the units of ended orders back to one gate, once per order.

  KEYS[1] gate     hash  as in take.lua
  KEYS[2] buyers   hash  as in take.lua; whoever had an order stays in it
  KEYS[3] marks    hash  claim .. buyerId .. requestKey -> ms
  KEYS[4] line     zset  as in wait.lua

  ARGV[1] channel of changes; ARGV[2] offerId; then for each order: buyerId .. requestKey, claim

  Returns { units given back, left, kept }. An order that its buyer's record does not have under this very claim gives nothing back: it was
  released before, or this gate was loaded without it.

  Keeps   the sum of left, kept and taken units. While somebody waits, units are kept for them and nobody else.
  Cost    O(orders).
]]
local BUYER, CLAIM = 36, 58
local units = 0
for at = 3, #ARGV, 2 do
  local field, claim = ARGV[at], ARGV[at + 1]
  local buyer = string.sub(field, 1, BUYER)
  local record = redis.call('HGET', KEYS[2], buyer)
  -- Where the end of the line before the order's own is.
  local from = record and string.find(record, '\n' .. claim, 1, true)
  if from then
    local to = string.find(record, '\n', from + 1, true)
    local released = tonumber(string.match(record, '^%d+', from + 1 + CLAIM))
    local head = string.find(record, '\n', 1, true)
    local bought = tonumber(string.sub(record, 1, head - 1)) - released
    redis.call('HSET', KEYS[2], buyer, bought .. string.sub(record, head, from - 1) .. string.sub(record, to))
    redis.call('HDEL', KEYS[3], claim .. field)
    units = units + released
  end
end

if units > 0 then
  local pool = redis.call('ZCARD', KEYS[4]) > 0 and 'kept' or 'left'
  local inPool = redis.call('HINCRBY', KEYS[1], pool, units)
  -- Some gateways may still take the offer for sold out.
  if pool == 'left' and inPool == units then
    local time = redis.call('TIME')
    redis.call('HSET', KEYS[1], 'reopenedAt', time[1] * 1000 + math.floor(time[2] / 1000))
  end
  local releases = redis.call('HINCRBY', KEYS[1], 'releases', 1)
  local gate = redis.call('HMGET', KEYS[1], 'epoch', 'left')
  -- Also when the units are kept: a buyer at their limit may buy again.
  redis.call('PUBLISH', ARGV[1], table.concat({ 'released', ARGV[2], gate[1] or 0, releases, gate[2] or 0 }, ' '))
end
local now = redis.call('HMGET', KEYS[1], 'left', 'kept')
return { units, tonumber(now[1] or 0), tonumber(now[2] or 0) }
