--[[
  count-likes: take the sums of many tallies of one room, and count what is new in them.

  KEYS[1]  tallies     hash  "<person>\t<tally>" -> "<counted>:<atMs>:<likes that may still come at once>", and "<person>" -> number of tallies
  KEYS[2]  aggregates  hash  likes = total of the room

  ARGV[1]  channel     string   where the gateways that serve the room listen
  ARGV[2]  perSecond   integer  likes a tally may grow by in a second
  ARGV[3]  burst       integer  likes a tally may grow by at once
  ARGV[4]  talliesMax  integer  tallies of one person that count
  ARGV[5]  keptMs      integer  ms after which both are forgotten when nobody liked
  then three for each tally:
           person      string
           tally       string
           likes       integer  sum so far, as its client says

  Returns  { total, counted, counted, ... } in the order of the tallies

  Keeps    total = sum of all counted; a tally never shrinks; the same sum again adds nothing; totals are told as they rise.
  Cost     O(tallies in the call).
]]
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local perSecond, burst, talliesMax = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local added, answer = 0, { 0 }

for i = 6, #ARGV, 3 do
  local person, field, likes = ARGV[i], ARGV[i] .. '\t' .. ARGV[i + 1], tonumber(ARGV[i + 2])
  local known = redis.call('HGET', KEYS[1], field)
  local counted, allowed = 0, burst
  if known then
    local was, atMs, left = string.match(known, '^(%d+):(%d+):([%d.]+)$')
    counted = tonumber(was)
    allowed = math.min(burst, tonumber(left) + (nowMs - tonumber(atMs)) * perSecond / 1000)
  elseif redis.call('HINCRBY', KEYS[1], person, 1) > talliesMax then
    allowed = 0
  end
  local more = math.floor(math.max(0, math.min(likes - counted, allowed)))
  if more > 0 then
    redis.call('HSET', KEYS[1], field, string.format('%.0f:%.0f:%.3f', counted + more, nowMs, allowed - more))
    added = added + more
  end
  answer[#answer + 1] = counted + more
end

answer[1] = redis.call('HINCRBY', KEYS[2], 'likes', added)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[5]) end
if added > 0 then redis.call('PUBLISH', ARGV[1], 'a\n{"likes":' .. string.format('%.0f', answer[1]) .. '}') end
return answer
