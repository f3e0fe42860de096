--[[
  raise-likes: let the likes of a room be as many as somebody knows that there were, and tell the room when that is more.

  KEYS[1]  aggregates  hash  likes = total of the room

  ARGV[1]  channel     string   where the gateways that serve the room listen
  ARGV[2]  keptMs      integer  ms after which they are forgotten when nobody liked
  ARGV[3]  likesMin    integer  as many were saved or shown before

  Returns  the total

  Keeps    the total never falls; total and message change together.
  Cost     O(1).
]]
local likes, likesMin = redis.call('HGET', KEYS[1], 'likes'), tonumber(ARGV[3])
if likes and tonumber(likes) >= likesMin then return tonumber(likes) end
redis.call('HSET', KEYS[1], 'likes', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[1], 'a\n{"likes":' .. ARGV[3] .. '}')
return likesMin
