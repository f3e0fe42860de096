--[[
  state: what decides whether something read from a gate in several steps still holds.

  KEYS[1] gate  hash  as in take.lua

  Returns { epoch, left, releases }. epoch 0: there is no gate that may be trusted.
]]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'state', 'left', 'releases')
local trusted = gate[1] and gate[2] == run and gate[3] == 'open'
return { trusted and tonumber(gate[1]) or 0, tonumber(gate[4] or 0), tonumber(gate[5] or 0) }
