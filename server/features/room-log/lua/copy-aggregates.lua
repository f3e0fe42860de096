--[[
  copy-aggregates: sets aggregates of a room to what other keys of it say at this very instant, and tells its gateways. However many
  processes do so, and in whichever order, the last value is the true one.

  KEYS[1]  aggregates  hash  name -> value
  KEYS[2…] sources     hash  one per aggregate

  ARGV[1]  ms the aggregates are kept  ARGV[2] channel of the room's feed; then for each source
           name, field of the source that has the value

  Returns  how many were set. A source that is not there sets nothing.
  Cost     O(sources). All keys share the tag {room:ID}.
]]
local values, count = {}, 0
for n = 2, #KEYS do
  local name, value = ARGV[n * 2 - 1], redis.call('HGET', KEYS[n], ARGV[n * 2])
  if value then
    redis.call('HSET', KEYS[1], name, value)
    values[name], count = tonumber(value) or value, count + 1
  end
end
if count == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], 'a\n' .. cjson.encode(values))
return count
