--[[
  tell-viewers: one gateway says how many people of a room it has, and learns how many the others said they have.

  KEYS[1]  viewers  hash  gateway -> people

  ARGV[1]  gateway  string
  ARGV[2]  people   integer  0: it has none, and is left out
  ARGV[3]  keptMs   integer  ms after which a hash that nobody changes is forgotten

  Returns  the whole hash, { gateway, people, ... }, gateways that are dead included

  Cost     O(gateways of the room).
]]
if ARGV[2] == '0' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return redis.call('HGETALL', KEYS[1])
