--[[
  recall: what became of the entry that carries an id?

  KEYS[1]  seen     hash    "id\t<entry id>" and "redacted\t<entry id, or sender:ID, or lines>", "redacted\t<sender:ID, or lines> until", the newer generation. @see append.lua
  KEYS[2]  seenOld  hash    the generation before
  KEYS[3]  meta     hash    epoch
  KEYS[4]  entries  stream  id "<offset>-0", field l = line
  KEYS[5]  aside    set     ids that were set aside, the newer generation. @see set-aside.lua
  KEYS[6]  asideOld set     the generation before

  ARGV[1]  entry id  string

  Returns  { fate, epoch, offset, line }
           fate: 0 not known, 1 set aside, 2 appended, 3 appended and taken back since; "", 0 and "" unless it is 2 or 3. The line is
           "" too when the log has trimmed it; then what takes back by its sender is not known.

  Cost     O(1). All keys share the tag {room:ID}.
]]
local UNKNOWN, ASIDE, APPENDED, REDACTED = 0, 1, 2, 3

local function seen(field)
  return redis.call('HGET', KEYS[1], field) or redis.call('HGET', KEYS[2], field)
end

local known = seen('id\t' .. ARGV[1])
local offset = string.match(known or '', '^%d+')
if not offset and (redis.call('SISMEMBER', KEYS[5], ARGV[1]) == 1 or redis.call('SISMEMBER', KEYS[6], ARGV[1]) == 1) then
  return { ASIDE, '', 0, '' }
end
local epoch = offset and redis.call('HGET', KEYS[3], 'epoch')
if not epoch then return { UNKNOWN, '', 0, '' } end

local at = redis.call('XRANGE', KEYS[4], offset .. '-0', offset .. '-0')[1]
local line = at and at[2][2] or ''

local atMs = tonumber(string.match(known, '^%d+:(%d+)'))
local function isTakenBack(what)
  local untilMs = tonumber(seen('redacted\t' .. what .. ' until') or '-1')
  return tonumber(seen('redacted\t' .. what) or '0') > tonumber(offset) or atMs <= untilMs
end

-- After thinning, time and mark of the lane come sender and id. @see log-line.ts. A place of another entry is none.
local sender, id = string.match(line, '^[^\t]*\t[^\t]*\t[^\t]*\t([^\t]*)\t([^\t]*)')
if id and id ~= ARGV[1] then return { UNKNOWN, '', 0, '' } end
sender = sender or ''
local isGone = isTakenBack(ARGV[1]) or isTakenBack('lines') or (sender ~= '' and isTakenBack('sender:' .. sender))
return { isGone and REDACTED or APPENDED, epoch, tonumber(offset), line }
