--[[
  leave: takes people off the waiting list; when it is empty, what was kept for them is for sale again.

  KEYS[1] gate     hash  as in take.lua
  KEYS[2] waiting  zset  personId .. units -> ticket
  ARGV[1] channel of changes  ARGV[2] offerId; then members to remove, none to only check the list

  Returns { kept, people waiting }.
]]
if #ARGV > 2 then redis.call('ZREM', KEYS[2], unpack(ARGV, 3)) end
local people = redis.call('ZCARD', KEYS[2])
local kept = tonumber(redis.call('HGET', KEYS[1], 'kept') or 0)
if people == 0 and kept > 0 then
  local left = redis.call('HINCRBY', KEYS[1], 'left', kept)
  local releases = redis.call('HINCRBY', KEYS[1], 'releases', 1)
  redis.call('HSET', KEYS[1], 'kept', 0)
  redis.call('PUBLISH', ARGV[1], table.concat({ 'released', ARGV[2], redis.call('HGET', KEYS[1], 'epoch'), releases, left }, ' '))
  kept = 0
end
return { kept, people }
