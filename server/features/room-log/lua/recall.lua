--[[
  recall: what became of a client key?

  KEYS[1]  seen     hash  "<sender>\t<client key>" -> "<offset>:<atMs>", or "-" for one that was set aside; the newer generation
  KEYS[2]  seenOld  hash  the generation before
  KEYS[3]  meta     hash  epoch

  ARGV[1]  dedupe id  string  "<sender>\t<client key>"

  Returns  { fate, epoch, offset }
           fate: 0 not known, 1 set aside, 2 appended; epoch and offset are "" and 0 unless it is 2

  Cost     O(1). All keys share the tag {room:ID}.
]]
local UNKNOWN, ASIDE, APPENDED = 0, 1, 2

local known = redis.call('HGET', KEYS[1], ARGV[1]) or redis.call('HGET', KEYS[2], ARGV[1])
if not known then return { UNKNOWN, '', 0 } end
if known == '-' then return { ASIDE, '', 0 } end

local epoch = redis.call('HGET', KEYS[3], 'epoch')
if not epoch then return { UNKNOWN, '', 0 } end
return { APPENDED, epoch, tonumber(string.match(known, '^(%d+):')) }
