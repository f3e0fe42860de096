--[[
  reserve: one purchase in one call, as it is usually written: limit, idempotency, window and stock in one script.

  KEYS[1] stock hash units, perBuyerMax, opensAt, closesAt   KEYS[2] buyers hash   KEYS[3] orders hash by request key
  ARGV    request key, buyer id, order id, units
  Returns 1 taken, 2 sold out, 3 limit, 4 not open
]]
if redis.call('HGET', KEYS[3], ARGV[1]) then return 1 end
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local stock = redis.call('HMGET', KEYS[1], 'units', 'perBuyerMax', 'opensAt', 'closesAt')
if nowMs < tonumber(stock[3]) or nowMs >= tonumber(stock[4]) then return 4 end
local units = tonumber(ARGV[4])
if tonumber(redis.call('HGET', KEYS[2], ARGV[2]) or 0) + units > tonumber(stock[2]) then return 3 end
if units > tonumber(stock[1]) then return 2 end
redis.call('HINCRBY', KEYS[1], 'units', -units)
redis.call('HINCRBY', KEYS[2], ARGV[2], units)
redis.call('HSET', KEYS[3], ARGV[1], ARGV[3])
return 1
