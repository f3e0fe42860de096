--[[
  overdue: pending marks that are older than they should be.

  KEYS[1] pending  zset  claim .. buyerId .. requestKey -> ms at which it was taken
  ARGV[1] age, ms  ARGV[2] marks at the most

  Returns the marks, oldest first. By the clock of Redis, which made the scores.
]]
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', before, 'LIMIT', 0, ARGV[2])
