--[[
  overdue: marks that are older than they should be.

  KEYS[1] marks  hash  claim .. buyerId .. requestKey -> ms at which it was taken
  ARGV[1] age, ms  ARGV[2] marks at the most

  Returns marks, in no particular order. By the clock of Redis, which wrote the instants.
  Cost    O(marks): all gateways together have some thousands on their way. A sorted set would be faster here, once a second, and slower
          at every purchase.
]]
local time = redis.call('TIME')
local before = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(ARGV[1])
local marks, overdue = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #marks, 2 do
  if #overdue == tonumber(ARGV[2]) then break end
  if tonumber(marks[at + 1]) <= before then overdue[#overdue + 1] = marks[at] end
end
return overdue
