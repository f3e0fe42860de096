--[[
  silence: nothing that a person says is appended to the log of a room for a while: some gateways may not have heard of a sanction yet.

  KEYS[1]  silent  zset  person -> until when, Unix ms of this server

  ARGV[1]  person  string
  ARGV[2]  forMs   integer

  Returns  how many people are silent

  Keeps    whose time is over leaves the set, however often others come in.
  Cost     O(log people + people whose time is over).
]]
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs)
redis.call('ZADD', KEYS[1], nowMs + tonumber(ARGV[2]), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
