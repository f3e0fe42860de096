--[[
  credit-watch: count the time that people have watched a room, and remember when they were last seen there.

  KEYS[1]  watched  hash  person id -> ms watched
  KEYS[2]  seen     hash  person id -> when last seen, Unix epoch, ms
  KEYS[3]  known    hash  sinceMs -> the first report, lastMs -> the last report, steadyMs -> the first of those that came without a break until then,
                          quietFromMs -> the last one before that break, 0 when none is known; Unix epoch, ms. A reporter that
                          comes back after another one, before people had time to, makes it no later break: quietFromMs stays.
                          Lives as long as somebody needs the others

  ARGV[1]  nowMs    integer  Unix epoch, ms
  ARGV[2]  gapMsMax integer  ms between two sightings that still count as watching; 0 counts none: people are seen and watch nothing
  ARGV[3]  keepMs   integer  ms until all go when the room is empty, unless keep-facts asked for longer
  ARGV[4]  breakMs  integer  ms without a report that are a break
  ARGV[5]  failedMs integer  when the reporter last could not report, Unix epoch, ms: a break also where others could
  ARGV[6]  backMs   integer  ms that people need to come back after a break
  ARGV[7…] person ids

  Returns  sinceMs, then ms watched of each person, in order. What was watched is counted from sinceMs on: it is another one when
           Redis was lost.

  Keeps    A person gains at most the time that passed between two sightings, however many gateways and devices report them:
           whoever comes second finds a newer sighting and adds the little that has passed since.
           A break is never forgotten before another: from steadyMs to lastMs everybody who was there was reported.
  Cost     O(people). The keys share the tag {room:ID}. Losable: watch time begins again when Redis is lost.
]]
local nowMs, gapMsMax = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('HSETNX', KEYS[3], 'sinceMs', nowMs)
local answer = { tonumber(redis.call('HGET', KEYS[3], 'sinceMs')) }
for i = 7, #ARGV do
  local person = ARGV[i]
  local total = tonumber(redis.call('HGET', KEYS[1], person) or '0')
  local seenMs = tonumber(redis.call('HGET', KEYS[2], person) or '0')
  local passedMs = nowMs - seenMs
  if passedMs > 0 then
    if passedMs <= gapMsMax then
      total = total + passedMs
      redis.call('HSET', KEYS[1], person, total)
    end
    redis.call('HSET', KEYS[2], person, nowMs)
  end
  answer[#answer + 1] = total
end
local lastMs = tonumber(redis.call('HGET', KEYS[3], 'lastMs') or '0')
local steadyMs = tonumber(redis.call('HGET', KEYS[3], 'steadyMs') or '0')
local wasSilent = nowMs - lastMs > tonumber(ARGV[4])
if wasSilent or tonumber(ARGV[5]) > steadyMs then
  redis.call('HSET', KEYS[3], 'steadyMs', nowMs)
  if wasSilent or lastMs - steadyMs >= tonumber(ARGV[6]) then redis.call('HSET', KEYS[3], 'quietFromMs', lastMs) end
end
redis.call('HSET', KEYS[3], 'lastMs', math.max(nowMs, lastMs))
local keepMs = math.max(tonumber(ARGV[3]), redis.call('PTTL', KEYS[3]))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, keepMs) end
return answer
