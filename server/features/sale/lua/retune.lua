--[[
  retune: gives an open gate other terms under a new epoch, and leaves its orders, its marks and its line as they are.

  KEYS[1] gate  hash  as in take.lua
  KEYS[2] line  zset  as in wait.lua

  ARGV[1] epoch     of the gate until now
  ARGV[2] epoch     from now on
  ARGV[3] limit     units per buyer
  ARGV[4] opensAt   Unix epoch, ms
  ARGV[5] closesAt  Unix epoch, ms; 0: until it is closed
  ARGV[6] units     that come to the free ones; negative: that are taken from them
  ARGV[7] channel of changes  ARGV[8] offerId

  Returns 1, or 0, and nothing done, when the gate is not what the caller takes it for: lost, of another server or epoch, stopped, being
  loaded, or with fewer free units than are to go, for some are on their way to the ledger. Then it has to be loaded.

  Keeps   as take.lua and release.lua do. While somebody waits, units that come are kept for them.
  Cost    O(1).
]]
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'state', 'left', 'kept')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'
if gate[1] ~= ARGV[1] or gate[2] ~= run or gate[3] ~= 'open' then return 0 end

local left, kept, units = tonumber(gate[4]), tonumber(gate[5]), tonumber(ARGV[6])
if left + kept + units < 0 then return 0 end
if units > 0 and redis.call('ZCARD', KEYS[2]) > 0 then
  kept = kept + units
else
  -- First what nobody waits for.
  local fromKept = math.min(left + units, 0)
  left, kept = left + units - fromKept, kept + fromKept
end

local time = redis.call('TIME')
-- As after loading: gateways may have cached refusals of the old epoch.
local reopenedAt = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[1], 'epoch', ARGV[2], 'limit', ARGV[3], 'opensAt', ARGV[4], 'closesAt', ARGV[5], 'left', left, 'kept', kept,
  'reopenedAt', reopenedAt)
redis.call('PUBLISH', ARGV[7], 'changed ' .. ARGV[8] .. ' ' .. ARGV[2])
return 1
