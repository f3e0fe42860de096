--[[
  beat: this gateway lives; which others do?

  KEYS[1]  gateways  zset  gateway id -> last beat, Unix ms of the server

  ARGV[1]  gatewayId  string
  ARGV[2]  aliveMs    integer  a gateway that has not beaten for so long is dead

  Returns  ids of the gateways alive, this one among them

  Keeps    one clock decides, the server's: clocks of gateways may differ.
  Cost     O(log gateways + gateways).
]]
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], nowMs, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs - tonumber(ARGV[2]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
