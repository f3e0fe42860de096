--[[
  append: give entries of one room the next offsets, keep them, and tell every gateway that serves the room.

  KEYS[1]  meta     hash    epoch, offset (of the last entry), atMs (of the last entry), runId, letGo (there when nothing more is expected),
                            tokens and tokensAtMs (chat bucket), lineBytes (of the last hundred lines or so, on average), lives ("<epoch>:<offset it was continued from>" of the lives
                            before this one, oldest first, divided by spaces; the oldest are forgotten)
  KEYS[2]  entries  stream  id "<offset>-0", field l = line (see log-line.ts)
  KEYS[3]  seen     hash    the newer generation of what is remembered:
                            "<sender>\t<client key>" -> "<offset>:<atMs>"
                            "id\t<entry id>" -> the same
                            "redacted\t<entry id, or sender:ID, or lines>" -> offset of the last entry that takes it back
                            "redacted\t<sender:ID, or lines> until" -> Unix ms: what was said until then is taken back
  KEYS[4]  seenOld  hash    the generation before
  KEYS[5]  silent   zset    people who were sanctioned a moment ago -> until when, Unix ms. @see silence.lua

  ARGV[1]  channel      string   where the batch is published
  ARGV[2]  epoch        string   name of a new life of the log, used when there is none
  ARGV[3]  runId        string   of the Redis server, as the caller knows it; "" when it has none
  ARGV[4]  chatPerSecond integer entries of the chat lane shown per second; more are thinned, and so are those of the ambient lane while
                            chat has used most of it. What nobody but its sender is to hear is thinned, whatever is left
  ARGV[5]  entriesMax   integer  entries kept, about
  ARGV[6]  seenMax      integer  client keys remembered per generation
  ARGV[7]  keptMs       integer  ms after which a log that nobody appends to is forgotten
  ARGV[8]  bytesMax     integer  bytes of all lines kept, about: where they are long, fewer are
  ARGV[9]  letGoMs      integer  the same of a log that was let go
  then three for each entry:
           speaker      string   who says it and must not be silenced; "" when that is not asked
           dedupe id    string   "", "<sender>\t<client key>" or "id\t<entry id>"
           tail         string   line without its first two fields; begins with the mark of the lane, or with u when nobody but its sender is to hear it

  Returns  { epoch, offset, atMs, fate, offset, atMs, fate, ... } in the order of the entries
           fate: 0 appended, 1 appended before, 2 not appended because its speaker is silenced; the offset is 0 then.

  Keeps    offsets are dense and rise by one; a dedupe id gets one answer; a line is published if and only if it is kept.
  Cost     O(entries). All keys share the tag {room:ID}.
]]
local meta, entries, seen, seenOld, silent = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local APPENDED, DUPLICATE, SILENCED = 0, 1, 2
-- Marks of lanes. @see log-line.ts. What is said in the chat lane takes nothing back.
local CHAT, AMBIENT, UNHEARD = 't', 'a', 'u'
-- What must be left of the chat's second, as a share, for ambient entries to be shown.
local ambientShareMin = 0.25
-- About 40 lives: more than there are between two looks of the archive, which may be away for long.
local livesCharactersMax = 1000
local entriesMax, seenMax = tonumber(ARGV[5]), tonumber(ARGV[6])
local state = redis.call('HMGET', meta, 'epoch', 'offset', 'atMs', 'runId', 'tokens', 'tokensAtMs', 'lives', 'lineBytes',
  'letGo')
local epoch, offset = state[1], tonumber(state[2] or '0')

-- The server's clock, never running backwards within a room.
local time = redis.call('TIME')
local nowMs = math.max(time[1] * 1000 + math.floor(time[2] / 1000), tonumber(state[3] or '0'))

-- A server that was started again may have lost the end of the log, and would give its offsets out a second time. So a new
-- life begins; who stands at or before the offset it continues from has lost nothing and may go on.
if not epoch or state[4] ~= ARGV[3] then
  local lives = state[7] or ''
  if epoch then lives = (lives == '' and '' or lives .. ' ') .. epoch .. ':' .. string.format('%.0f', offset) end
  if #lives > livesCharactersMax then lives = string.match(lives, ' (.*)') end
  redis.call('HSET', meta, 'lives', lives, 'runId', ARGV[3])
  epoch = ARGV[2]
end

local chatPerSecond = tonumber(ARGV[4])
local tokensAtMs = tonumber(state[6] or nowMs)
local tokens = math.min(chatPerSecond, tonumber(state[5] or chatPerSecond) + (nowMs - tokensAtMs) * chatPerSecond / 1000)

local function noteRedacted(redacts, byOffset)
  for what in string.gmatch(redacts, '[^,]+') do
    local whose, untilMs = string.match(what, '^(.+):(%d+)$')
    if whose == 'lines' or whose and string.match(whose, '^sender:[^:]+$') then redis.call('HSET', seen, 'redacted\t' .. whose .. ' until', untilMs)
    else redis.call('HSET', seen, 'redacted\t' .. what, string.format('%.0f', byOffset)) end
  end
end

local lineBytes, bytesMax = tonumber(state[8] or '400'), tonumber(ARGV[8])
local anySilent = redis.call('EXISTS', silent) == 1
local answer, published = { epoch }, {}
local first = offset + 1
for i = 10, #ARGV, 3 do
  local speaker, id, tail = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local known = id ~= '' and (redis.call('HGET', seen, id) or redis.call('HGET', seenOld, id))
  local knownOffset, knownAtMs = string.match(known or '', '^(%d+):(%d+)')
  if knownOffset then
    answer[#answer + 1] = tonumber(knownOffset)
    answer[#answer + 1] = tonumber(knownAtMs)
    answer[#answer + 1] = DUPLICATE
  elseif speaker ~= '' and anySilent and tonumber(redis.call('ZSCORE', silent, speaker) or '0') > nowMs then
    answer[#answer + 1] = 0
    answer[#answer + 1] = nowMs
    answer[#answer + 1] = SILENCED
  else
    offset = offset + 1
    local thinned = '0'
    local lane = string.sub(tail, 1, 1)
    if lane == CHAT then
      if tokens >= 1 then tokens = tokens - 1 else thinned = '1' end
    elseif lane == UNHEARD then
      thinned = '1'
    elseif lane == AMBIENT then
      if tokens < chatPerSecond * ambientShareMin then thinned = '1' end
    else
      noteRedacted(string.match(tail, '^.\t[^\t]*\t[^\t]*\t([^\t]*)'), offset)
    end
    local line = thinned .. '\t' .. string.format('%.0f', nowMs) .. '\t' .. tail
    lineBytes = lineBytes + (#line - lineBytes) / 100
    local kept = math.min(entriesMax, math.floor(bytesMax / lineBytes))
    redis.call('XADD', entries, 'MAXLEN', '~', kept, string.format('%.0f-0', offset), 'l', line)
    if id ~= '' then redis.call('HSET', seen, id, string.format('%.0f:%.0f', offset, nowMs)) end
    published[#published + 1] = line
    answer[#answer + 1] = offset
    answer[#answer + 1] = nowMs
    answer[#answer + 1] = APPENDED
  end
end

redis.call('HSET', meta, 'epoch', epoch, 'offset', string.format('%.0f', offset), 'atMs', string.format('%.0f', nowMs),
  'tokens', tostring(tokens), 'tokensAtMs', string.format('%.0f', nowMs), 'lineBytes', tostring(lineBytes))
if redis.call('HLEN', seen) >= seenMax then redis.call('RENAME', seen, seenOld) end
-- Who comes to look appends nothing, and keeps nothing longer.
if #published > 0 or not state[1] then
  for i = 1, 4 do redis.call('PEXPIRE', KEYS[i], state[9] and ARGV[9] or ARGV[7]) end
end
if #published > 0 then
  redis.call('PUBLISH', ARGV[1], 'e\n' .. epoch .. '\n' .. string.format('%.0f', first) .. '\n' .. table.concat(published, '\n'))
end
return answer
