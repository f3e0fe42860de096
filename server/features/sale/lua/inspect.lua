--[[
  inspect: what the auditor compares with the ledger, at one instant.

  KEYS[1] gate  KEYS[2] buyers  KEYS[3] marks  KEYS[4] line

  Returns { epoch, left, kept, people waiting, stopped, pending } with stopped 0 or 1 and pending = mark, units for each.
          epoch 0: there is no gate that may be trusted.
  Cost    O(marks).
]]
local BUYER, CLAIM = 36, 58
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'state', 'left', 'kept')
local stopped = gate[3] == 'stopped'
local trusted = gate[1] and gate[2] == run and (gate[3] == 'open' or stopped)
local pending = {}
for _, mark in ipairs(redis.call('HKEYS', KEYS[3])) do
  local record = redis.call('HGET', KEYS[2], string.sub(mark, CLAIM + 1, CLAIM + BUYER))
  local at = record and string.find(record, '\n' .. string.sub(mark, 1, CLAIM), 1, true)
  local units = at and tonumber(string.match(record, '^%d+', at + 1 + CLAIM)) or 0
  pending[#pending + 1], pending[#pending + 2] = mark, units
end
return { trusted and tonumber(gate[1]) or 0, tonumber(gate[4] or 0), tonumber(gate[5] or 0), redis.call('ZCARD', KEYS[4]), stopped and 1 or 0, pending }
