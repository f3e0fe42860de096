--[[
  set-aside: note that what has this id is held instead of appended, so that its sender is answered so when they ask again.

  KEYS[1]  aside     set  entry ids, the newer generation
  KEYS[2]  asideOld  set  the generation before

  ARGV[1]  entry id  string
  ARGV[2]  asideMax  integer  ids remembered per generation
  ARGV[3]  keptMs    integer  ms after which they are forgotten

  Returns  how many ids the newer generation has

  Keeps    at most 2 * asideMax ids; the last asideMax are always there.
  Cost     O(1), and O(asideMax) once in asideMax calls. All keys share the tag {room:ID}.
]]
redis.call('SADD', KEYS[1], ARGV[1])
local known = redis.call('SCARD', KEYS[1])
if known >= tonumber(ARGV[2]) then redis.call('RENAME', KEYS[1], KEYS[2]) end
for i = 1, 2 do redis.call('PEXPIRE', KEYS[i], ARGV[3]) end
return known
