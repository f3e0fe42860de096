--[[
  claim-viewers: a person who watches a room over several gateways is counted by one of them, the one that claimed them first.

  KEYS[1]  claims  hash  person -> the gateway that counts them; "" -> "<run id>:<name>" of this life of the hash

  ARGV[1]  gateway   string   who claims
  ARGV[2]  runId     string   of the Redis server, as the caller knows it
  ARGV[3]  name      string   of a new life, used when there is none
  ARGV[4]  keptMs    integer  ms after which a hash that nobody changes is forgotten
  ARGV[5]  alive     integer  how many gateways live, whose ids follow; what others have claimed is free
  ARGV[6…] gateways  strings, then
           released  integer  how many people watch over this gateway no more, who follow
           people    strings, then the people to claim

  Returns  { life, claimed, claimed, ... } in the order of the people to claim; claimed: 1 when this gateway counts them now, else 0

  Keeps    a person is counted by one gateway that lives, at the most. A server that was started again may have lost who let go of whom,
           so its hash begins anew; whoever finds another life than before claims all its people again.
  Cost     O(people in the call).
]]
local claims, gateway, runId = KEYS[1], ARGV[1], ARGV[2]
local life = redis.call('HGET', claims, '')
if not life or string.sub(life, 1, #runId + 1) ~= runId .. ':' then
  life = runId .. ':' .. ARGV[3]
  redis.call('DEL', claims)
  redis.call('HSET', claims, '', life)
end

local at, alive = 6, {}
for i = at, at + tonumber(ARGV[5]) - 1 do alive[ARGV[i]] = true end
at = at + tonumber(ARGV[5])
local released = tonumber(ARGV[at])
for i = at + 1, at + released do
  if redis.call('HGET', claims, ARGV[i]) == gateway then redis.call('HDEL', claims, ARGV[i]) end
end

local answer = { life }
for i = at + released + 1, #ARGV do
  local owner = redis.call('HGET', claims, ARGV[i])
  local isOurs = not owner or owner == gateway or not alive[owner]
  if isOurs and owner ~= gateway then redis.call('HSET', claims, ARGV[i], gateway) end
  answer[#answer + 1] = isOurs and '1' or '0'
end
redis.call('PEXPIRE', claims, ARGV[4])
return answer
