--[[
  leave: takes people off the waiting list; when it is empty, what was kept for them is for sale again.

  KEYS[1] gate  hash  as in take.lua
  KEYS[2] line  zset  as in wait.lua
  ARGV[1] channel of changes  ARGV[2] offerId; then people to remove and the end of their place each, none to only check the list. Who has
          a place behind that end has joined anew, and stays.

  Returns { kept, people waiting, units for sale again, left }.
]]
for i = 3, #ARGV, 2 do
  local place = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if place and tonumber(place) < tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[2], ARGV[i]) end
end
local people = redis.call('ZCARD', KEYS[2])
local gate = redis.call('HMGET', KEYS[1], 'kept', 'left')
local kept, left, freed = tonumber(gate[1] or 0), tonumber(gate[2] or 0), 0
if people == 0 and kept > 0 then
  local time = redis.call('TIME')
  if left == 0 then redis.call('HSET', KEYS[1], 'reopenedAt', time[1] * 1000 + math.floor(time[2] / 1000)) end
  left = redis.call('HINCRBY', KEYS[1], 'left', kept)
  local releases = redis.call('HINCRBY', KEYS[1], 'releases', 1)
  redis.call('HSET', KEYS[1], 'kept', 0)
  redis.call('PUBLISH', ARGV[1], table.concat({ 'released', ARGV[2], redis.call('HGET', KEYS[1], 'epoch'), releases, left }, ' '))
  kept, freed = 0, kept
end
return { kept, people, freed, left }
