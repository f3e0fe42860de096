--[[
  beat: this process lives; which others of its group do?

  KEYS[1]  group  zset  process id -> last beat, Unix ms of the server

  ARGV[1]  processId  string   "" to ask only
  ARGV[2]  aliveMs    integer  a process that has not beaten for so long is dead

  Returns  ids of the processes alive, the one that beats among them

  Keeps    one clock decides, the server's: clocks of hosts may differ.
  Cost     O(log processes + processes).
]]
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] ~= '' then redis.call('ZADD', KEYS[1], nowMs, ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs - tonumber(ARGV[2]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
