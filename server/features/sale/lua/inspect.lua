--[[
  inspect: what the auditor compares with the ledger, at one instant.

  KEYS[1] gate  KEYS[2] taken  KEYS[3] marks  KEYS[4] waiting

  Returns { epoch, left, kept, orders taken, people waiting, stopped, pending } with stopped 0 or 1 and pending = mark, units for each.
          epoch 0: there is no gate that may be trusted.
  Cost    O(marks).
]]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'state', 'left', 'kept')
local stopped = gate[3] == 'stopped'
local trusted = gate[1] and gate[2] == run and (gate[3] == 'open' or stopped)
local pending = {}
for _, mark in ipairs(redis.call('HKEYS', KEYS[3])) do
  local value = redis.call('HGET', KEYS[2], string.sub(mark, 59))
  pending[#pending + 1], pending[#pending + 2] = mark, value and tonumber(string.sub(value, 59)) or 0
end
return { trusted and tonumber(gate[1]) or 0, tonumber(gate[4] or 0), tonumber(gate[5] or 0), redis.call('HLEN', KEYS[2]),
  redis.call('ZCARD', KEYS[4]), stopped and 1 or 0, pending }
