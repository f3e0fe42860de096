--[[
  begin-load: empties a gate and closes it, to be loaded from the ledger under a new epoch.

  KEYS[1] gate  KEYS[2] buyers  KEYS[3] marks  KEYS[4] line

  ARGV[1] epoch     integer
  ARGV[2] limit     units per buyer
  ARGV[3] opensAt   Unix epoch, ms
  ARGV[4] closesAt  Unix epoch, ms; 0: until it is closed

  Returns 1, or 0 when the gate already has this epoch or a newer one: then somebody else has loaded it since.

  Keeps   epochs of a gate rise. Nothing is sold while state is `loading`.
  Cost    O(size of the old gate), freed in the background.
]]
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch and tonumber(epoch) >= tonumber(ARGV[1]) then return 0 end
redis.call('UNLINK', unpack(KEYS))
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'state', 'loading', 'left', 0, 'kept', 0, 'releases', 0, 'limit', ARGV[2],
  'opensAt', ARGV[3], 'closesAt', ARGV[4], 'run', string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none')
return 1
