--[[
  count-likes: take the sums of many tallies of one room, and count what is new in them.

  KEYS[1]  tallies     hash  "<person>\t<tally>" -> "<counted>:<atMs>:<likes that may still come at once>",
                             "<person>" -> "<tally>:<begun at, ms>" of their tallies, oldest first, one a line
  KEYS[2]  aggregates  hash  likes = total of the room

  ARGV[1]  channel     string   where the gateways that serve the room listen
  ARGV[2]  perSecond   integer  likes a tally may grow by in a second
  ARGV[3]  burst       integer  likes a tally may grow by at once
  ARGV[4]  talliesMax  integer  tallies of one person that are remembered
  ARGV[5]  tallyKeptMs integer  ms after its beginning after which a tally may be forgotten for a newer one
  ARGV[6]  keptMs      integer  ms after which both are forgotten when nobody liked
  ARGV[7]  base        integer  total to go on from when there is none; "" when the caller does not know it
  then four for each tally:
           person      string
           tally       string
           likes       integer  sum so far, as its client says
           counted     integer  what its client was told that counts: a tally that is not known begins there, and one that is known with
                                less goes on from there: Redis came back without its last second, and the total with what was shown

  Returns  { total, counted, counted, ... } in the order of the tallies; { -1 }, having counted nothing, when there is neither a total
           nor a base

  Keeps    total = base + sum of all counted since; a tally never shrinks; the same sum again adds nothing; totals are told as they
           rise; at most talliesMax tallies of a person are remembered.
  Cost     O(tallies in the call).
]]
if redis.call('HEXISTS', KEYS[2], 'likes') == 0 then
  if ARGV[7] == '' then return { -1 } end
  redis.call('HSET', KEYS[2], 'likes', ARGV[7])
end

local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local perSecond, burst, talliesMax, tallyKeptMs = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local added, answer = 0, { 0 }

-- Whether there is a place for one more tally of this person. The place of an old one is taken.
local function begin(person, tally)
  local begun = {}
  for name, atMs in string.gmatch(redis.call('HGET', KEYS[1], person) or '', '([^\n]+):(%d+)') do begun[#begun + 1] = { name, atMs } end
  if #begun >= talliesMax then
    if nowMs - tonumber(begun[1][2]) < tallyKeptMs then return false end
    redis.call('HDEL', KEYS[1], person .. '\t' .. table.remove(begun, 1)[1])
  end
  begun[#begun + 1] = { tally, string.format('%.0f', nowMs) }
  local texts = {}
  for i, one in ipairs(begun) do texts[i] = one[1] .. ':' .. one[2] end
  redis.call('HSET', KEYS[1], person, table.concat(texts, '\n'))
  return true
end

for i = 8, #ARGV, 4 do
  local person, field, likes = ARGV[i], ARGV[i] .. '\t' .. ARGV[i + 1], tonumber(ARGV[i + 2])
  local known = redis.call('HGET', KEYS[1], field)
  local told = math.min(likes, tonumber(ARGV[i + 3]))
  local was, counted, allowed = 0, 0, burst
  if known then
    local before, atMs, left = string.match(known, '^(%d+):(%d+):([%d.]+)$')
    was = tonumber(before)
    counted = math.max(was, told)
    allowed = math.min(burst, tonumber(left) + (nowMs - tonumber(atMs)) * perSecond / 1000)
  elseif begin(person, ARGV[i + 1]) then
    counted = told
  else
    allowed = 0
  end
  local more = math.floor(math.max(0, math.min(likes - counted, allowed)))
  if counted + more > was then
    redis.call('HSET', KEYS[1], field, string.format('%.0f:%.0f:%.3f', counted + more, nowMs, allowed - more))
    added = added + more
  end
  answer[#answer + 1] = counted + more
end

answer[1] = redis.call('HINCRBY', KEYS[2], 'likes', added)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[6]) end
if added > 0 then redis.call('PUBLISH', ARGV[1], 'a\n{"likes":' .. string.format('%.0f', answer[1]) .. '}') end
return answer
