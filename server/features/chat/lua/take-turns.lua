--[[
  take-turns: may these people speak now? Decides by the pace of the room and by what each said last, in the order they ask.

  KEYS[i]  turns  hash  of the person who asks for turn i, in one room; the same person may ask several times:
                        dueAtMs   when the next turn would be due at an even pace
                        message   id of the last message that took a turn
                        contents  hash of all it said
                        texts     "<hash of a folded text>:<when it was said, ms>" of the last few, newest first, divided by spaces
                        saidAtMs  when the last one was said

  ARGV[1]  sameTextMs    integer  ms in which the same text is not said again
  ARGV[2]  textsMax      integer  texts of a person that are remembered
  then five for each turn:
           message       string   id of the message, which follows from its idempotency key
           contents      string   hash of all the message says
           text          string   hash of its text, folded
           paceMs        integer  ms between turns
           burst         integer  turns that may be taken at once after a rest

  Clock    the server's: those of gateways may differ.

  Returns  { outcome, waitMs, outcome, waitMs, ... } in the order of the turns
           outcome: 1 taken, 2 too fast, 3 the same text again, 4 this message had its turn,
                    5 this id had its turn with other contents

  Keeps    at most burst + t / paceMs turns of a person in any time t; a message that asks again right after its turn takes no second one.
           One that asks again after another message of the same person may take a turn more, or be told to wait; that it is said
           once is up to the log, which knows its key.
  Cost     O(turns). All keys share the tag {room:ID}.
]]
local TAKEN, TOO_FAST, SAME_TEXT, AGAIN, KEY_REUSED = 1, 2, 3, 4, 5
local sameTextMs, textsMax = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

-- When this text was said lately, and what is remembered once it is said now.
local function remember(texts, text)
  local now = { text .. ':' .. string.format('%.0f', nowMs) }
  local saidAtMs
  for said, atMs in string.gmatch(texts, '(%S+):(%d+)') do
    local isRecent = nowMs - tonumber(atMs) < sameTextMs
    if isRecent and said == text then saidAtMs = tonumber(atMs) end
    if isRecent and #now < textsMax then now[#now + 1] = said .. ':' .. atMs end
  end
  return saidAtMs, table.concat(now, ' ')
end

local function take(key, message, contents, text, paceMs, burst)
  local turn = redis.call('HMGET', key, 'dueAtMs', 'message', 'texts', 'saidAtMs', 'contents')

  -- A retry whose answer got lost has had its turn.
  if turn[2] == message then return turn[5] == contents and AGAIN or KEY_REUSED, 0 end

  -- A room that was slower when the last turn was taken is as slow as it is now: nobody waits for a slow mode that is off.
  local latestMs = tonumber(turn[4] or '0') + burst * paceMs
  local dueAtMs = math.max(math.min(tonumber(turn[1] or '0'), latestMs), nowMs)
  local waitMs = dueAtMs - (burst - 1) * paceMs - nowMs
  if waitMs > 0 then return TOO_FAST, waitMs end

  local sameAtMs, texts = remember(turn[3] or '', text)
  if sameAtMs then return SAME_TEXT, sameAtMs + sameTextMs - nowMs end

  redis.call('HSET', key, 'dueAtMs', string.format('%.0f', dueAtMs + paceMs), 'message', message, 'contents', contents,
    'texts', texts, 'saidAtMs', string.format('%.0f', nowMs))
  redis.call('PEXPIRE', key, math.max(sameTextMs, paceMs * (burst + 1)))
  return TAKEN, 0
end

local answer = {}
for i = 1, #KEYS do
  local at = 3 + (i - 1) * 5
  local outcome, waitMs = take(KEYS[i], ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4]))
  answer[#answer + 1] = outcome
  answer[#answer + 1] = waitMs
end
return answer
