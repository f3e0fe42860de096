--[[
  add-visitors: note people who came to a room, and tell everybody in it how many different ones that makes.

  KEYS[1]  visitors    set   person ids
  KEYS[2]  aggregates  hash  visitors = size of the set, or what was told before it was lost

  ARGV[1]  channel     string  where the gateways that serve the room listen
  ARGV[2]  keptMs      integer ms after which both are forgotten when nobody new came
  ARGV[3]  toldMin     integer what was told or saved before: a set that was lost is smaller for a while
  then     person ids

  Returns  what was told

  Keeps    numbers are told in the order in which they rise: set, number and message change together.
  Cost     O(people in the call).
]]
for i = 4, #ARGV do redis.call('SADD', KEYS[1], ARGV[i]) end
local visitors = math.max(redis.call('SCARD', KEYS[1]), tonumber(ARGV[3]), tonumber(redis.call('HGET', KEYS[2], 'visitors') or '0'))
redis.call('HSET', KEYS[2], 'visitors', visitors)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
redis.call('PUBLISH', ARGV[1], 'a\n{"visitors":' .. visitors .. '}')
return visitors
