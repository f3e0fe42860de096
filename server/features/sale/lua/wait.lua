--[[
  wait: puts a person on the waiting list of a sold-out offer, or only says how they stand to it.

  KEYS[1] gate  hash  as in take.lua
  KEYS[2] line  zset  personId -> ticket * 1000 + units
  KEYS[3] buyers  hash  as in take.lua
  ARGV[1] epoch  ARGV[2] personId  ARGV[3] units  ARGV[4] people at the most  ARGV[5] their place; '' only asks.
          A place behind the one they have takes its turn: whoever gave them that one died before the gate heard of its end.

  Returns { code, position }: 1 waiting, 2 units are for sale, fewer than wanted perhaps, 3 full, 4 stale, 5 not waiting, and there is room,
          6 more than they may have. Position from 1, else 0.
  Keeps   nobody waits while something is for sale.
  Cost    O(log people).
]]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'
local gate = redis.call('HMGET', KEYS[1], 'epoch', 'run', 'state', 'left', 'limit')
if gate[1] ~= ARGV[1] or gate[2] ~= run or gate[3] ~= 'open' then return { 4, 0 } end
local place = redis.call('ZSCORE', KEYS[2], ARGV[2])
if not place then
  local record = redis.call('HGET', KEYS[3], ARGV[2])
  local bought = record and tonumber(string.match(record, '^%d+')) or 0
  if bought + tonumber(ARGV[3]) > tonumber(gate[5]) then return { 6, 0 } end
  if tonumber(gate[4]) > 0 then return { 2, 0 } end
  if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return { 3, 0 } end
  if ARGV[5] == '' then return { 5, 0 } end
end
if ARGV[5] ~= '' and (not place or math.floor(ARGV[5] / 1000) > math.floor(place / 1000)) then
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[2])
end
return { 1, redis.call('ZRANK', KEYS[2], ARGV[2]) + 1 }
