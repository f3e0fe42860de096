--[[
  take-turn: may this person speak now? Decides by the pace of the room and by what they said last.

  KEYS[1]  turns  hash  of one person in one room:
                        dueAtMs   when the next turn would be due at an even pace
                        message   id of the last message that took a turn
                        contents  hash of all it said
                        text      hash of its text, folded
                        saidAtMs  when it was said

  ARGV[1]  message       string   id of this message, which follows from its idempotency key
  ARGV[2]  contents      string   hash of all this message says
  ARGV[3]  text          string   hash of its text, folded
  ARGV[4]  paceMs        integer  ms between turns
  ARGV[5]  burst         integer  turns that may be taken at once after a rest
  ARGV[6]  sameTextMs    integer  ms in which the same text is not said again
  ARGV[7]  nowMs         integer  Unix epoch, ms

  Returns  { outcome, waitMs }  outcome: 1 taken, 2 too fast, 3 the same text again, 4 this message had its turn,
                                5 this id had its turn with other contents

  Keeps    at most burst + t / paceMs turns in any time t; a turn of the same message is taken once.
  Cost     O(1).
]]
local TAKEN, TOO_FAST, SAME_TEXT, AGAIN, KEY_REUSED = 1, 2, 3, 4, 5
local paceMs, burst, sameTextMs, nowMs = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local turn = redis.call('HMGET', KEYS[1], 'dueAtMs', 'message', 'text', 'saidAtMs', 'contents')

-- A retry whose answer got lost has had its turn.
if turn[2] == ARGV[1] then return { turn[5] == ARGV[2] and AGAIN or KEY_REUSED, 0 } end

local dueAtMs = math.max(tonumber(turn[1] or '0'), nowMs)
local waitMs = dueAtMs - (burst - 1) * paceMs - nowMs
if waitMs > 0 then return { TOO_FAST, waitMs } end

local sinceMs = nowMs - tonumber(turn[4] or '0')
if turn[3] == ARGV[3] and sinceMs < sameTextMs then return { SAME_TEXT, sameTextMs - sinceMs } end

redis.call('HSET', KEYS[1], 'dueAtMs', string.format('%d', dueAtMs + paceMs), 'message', ARGV[1], 'contents', ARGV[2],
  'text', ARGV[3], 'saidAtMs', ARGV[7])
redis.call('PEXPIRE', KEYS[1], math.max(sameTextMs, paceMs * (burst + 1)))
return { TAKEN, 0 }
