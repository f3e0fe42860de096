--[[
  strike-off: take a room off a list of news, unless it was noted again.

  KEYS[1]  news  zset  room id -> when it was last noted, Unix ms of the gateway that did

  ARGV[1]  roomId     string
  ARGV[2]  notedAtMs  integer  the note that is dealt with

  Returns  1 when it was taken off, 0 when it stays

  Keeps    a room that was noted since stays on the list.
  Cost     O(log rooms).
]]
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) ~= tonumber(ARGV[2]) then return 0 end
return redis.call('ZREM', KEYS[1], ARGV[1])
