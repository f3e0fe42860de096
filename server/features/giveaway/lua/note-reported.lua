--[[
  note-reported: note that a gateway has reported all its rooms, and could let people into them.

  KEYS[1]  known    hash  lastMs -> the last time, steadyMs -> the first of those that came without a break until then; Unix epoch, ms
  KEYS[2]  outages  list  from:until, Unix epoch, ms: times in which no gateway reported, newest first

  ARGV[1]  nowMs      integer  Unix epoch, ms
  ARGV[2]  keepMs     integer  ms until both go when no gateway comes back
  ARGV[3]  breakMs    integer  ms without a report that are an outage
  ARGV[4]  failedMs   integer  when this gateway last could not report, Unix epoch, ms: no outage where others could, but nothing steady
  ARGV[5]  outagesMax integer  outages kept; the oldest go first

  Returns  how many outages are known.

  Keeps    An outage is the silence of all, so that a gateway that comes back later than another one neither makes nor ends one; and
           no outage takes the place of one before it.
  Cost     O(outagesMax). The keys share a tag. Losable: who was there when an outage began is unknown when Redis is lost in it.
]]
local nowMs = tonumber(ARGV[1])
local last = redis.call('HGET', KEYS[1], 'lastMs')
local lastMs = tonumber(last or '0')
local steadyMs = tonumber(redis.call('HGET', KEYS[1], 'steadyMs') or '0')
local wasSilent = nowMs - lastMs > tonumber(ARGV[3])
if wasSilent and last then
  redis.call('LPUSH', KEYS[2], last .. ':' .. ARGV[1])
  redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[5]) - 1)
end
if wasSilent or tonumber(ARGV[4]) > steadyMs then redis.call('HSET', KEYS[1], 'steadyMs', ARGV[1]) end
if nowMs > lastMs then redis.call('HSET', KEYS[1], 'lastMs', ARGV[1]) end
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return redis.call('LLEN', KEYS[2])
