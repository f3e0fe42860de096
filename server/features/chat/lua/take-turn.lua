--[[
  take-turn: may this person speak now? Decides by the pace of the room and by what they said last.

  KEYS[1]  turns  hash  of one person in one room:
                        dueAtMs   when the next turn would be due at an even pace
                        key       idempotency key of the last turn taken
                        text      hash of the last text
                        saidAtMs  when it was said

  ARGV[1]  key           string   idempotency key of this message
  ARGV[2]  text          string   hash of this text, folded
  ARGV[3]  paceMs        integer  ms between turns
  ARGV[4]  burst         integer  turns that may be taken at once after a rest
  ARGV[5]  sameTextMs    integer  ms in which the same text is not said again
  ARGV[6]  nowMs         integer  Unix epoch, ms

  Returns  { outcome, waitMs }  outcome: 1 taken, 2 too fast, 3 the same text again

  Keeps    at most burst + t / paceMs turns in any time t; a turn of the same key is taken once.
  Cost     O(1).
]]
local TAKEN, TOO_FAST, SAME_TEXT = 1, 2, 3
local paceMs, burst, sameTextMs, nowMs = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local turn = redis.call('HMGET', KEYS[1], 'dueAtMs', 'key', 'text', 'saidAtMs')

-- A retry whose answer got lost has had its turn.
if turn[2] == ARGV[1] then return { TAKEN, 0 } end

local dueAtMs = math.max(tonumber(turn[1] or '0'), nowMs)
local waitMs = dueAtMs - (burst - 1) * paceMs - nowMs
if waitMs > 0 then return { TOO_FAST, waitMs } end

local sinceMs = nowMs - tonumber(turn[4] or '0')
if turn[3] == ARGV[2] and sinceMs < sameTextMs then return { SAME_TEXT, sameTextMs - sinceMs } end

redis.call('HSET', KEYS[1], 'dueAtMs', string.format('%d', dueAtMs + paceMs), 'key', ARGV[1], 'text', ARGV[2], 'saidAtMs', ARGV[6])
redis.call('PEXPIRE', KEYS[1], math.max(sameTextMs, paceMs * (burst + 1)))
return { TAKEN, 0 }
