--[[
  keep-facts: keep what is known of the people in a room for as long as a giveaway asks for it, and never shorter than before.

  KEYS[1]  watched  hash  person id -> ms watched
  KEYS[2]  seen     hash  person id -> when last seen, Unix epoch, ms
  KEYS[3]  known    hash  its life is what credit-watch gives the others

  ARGV[1]  keepMs   integer  ms from now

  Returns  ms that they are kept from now.

  Keeps    A later call with less time takes nothing away.
  Cost     O(1). The keys share the tag {room:ID}.
]]
redis.call('HSETNX', KEYS[3], 'kept', 1)
local keepMs = math.max(tonumber(ARGV[1]), redis.call('PTTL', KEYS[3]))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, keepMs) end
return keepMs
