--[[
  take: decides many purchases of one room in one go. Counters are read once, requests are decided in the order they are
  given, counters are written once.

  KEYS, four per offer, offers numbered from 1:
    gate     hash  epoch, run, state, left, kept, limit, opensAt, closesAt, releases, reopenedAt
    buyers   hash  buyerId -> units held and sold; 0 for somebody whose orders have all ended
    taken    hash  buyerId .. requestKey -> claim .. units
    pending  zset  claim .. buyerId .. requestKey -> ms at which it was taken

  ARGV: the epoch the caller knows, one per offer; then for each request
    buyerId .. requestKey   36 characters, and the key
    claim                   order id (36) .. request hash (22)
    lineCount               1 or more; negative: the units come from those kept for waiting people
    offer number, units     once per line

  Returns { nowMs, offers, answers, repeats }
    nowMs    Unix epoch by the clock of Redis
    offers   epoch, left, releases, reopenedAt for each offer; epoch 0: there is no gate that may be trusted
    answers  code * 1000 + number of the offer that decided it, one per request
             1 taken, 2 sold out, 3 limit, 4 not open yet, 5 ended, 6 stale, 7 taken before, 8 key used with other contents;
             refusals plus 100 000 when the buyer has or had an order here: the key may be the one of an order that has ended
    repeats  index of the request (from 0), order id; for each answer 7

  Keeps    left, kept >= 0; units of a buyer <= limit; one claim per request key; all lines of a request or none.
  Cost     O(lines). Four reads and four writes per offer, however many requests.
]]
local TAKEN, SOLD_OUT, LIMIT, NOT_OPEN, ENDED, STALE, REPEAT, REUSED = 1, 2, 3, 4, 5, 6, 7, 8
local BUYER, CLAIM, ORDER_ID = 36, 58, 36
local KNOWN_BUYER = 100

local offerCount = #KEYS / 4
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
-- A server that was restarted or replaced may have lost the last writes, whatever it still has: its gates are not trusted.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'

local function ask(key, fields)
  local values = redis.call('HMGET', key, unpack(fields))
  local found = {}
  for i = 1, #fields do found[fields[i]] = values[i] end
  return found
end

-- 1. What is asked.
local offers, requests = {}, {}
for n = 1, offerCount do offers[n] = { fields = {}, people = {} } end
local at = offerCount + 1
while at <= #ARGV do
  local field, lineCount = ARGV[at], tonumber(ARGV[at + 2])
  local request = { field = field, buyer = string.sub(field, 1, BUYER), claim = ARGV[at + 1], lines = {}, units = {} }
  if lineCount < 0 then request.waited, lineCount = true, -lineCount end
  at = at + 3
  for l = 1, lineCount do
    local n = tonumber(ARGV[at])
    local offer = offers[n]
    request.lines[l], request.units[l] = n, tonumber(ARGV[at + 1])
    offer.fields[#offer.fields + 1] = field
    offer.people[#offer.people + 1] = request.buyer
    at = at + 2
  end
  requests[#requests + 1] = request
end

-- 2. What is there.
for n = 1, offerCount do
  local offer, key = offers[n], n * 4
  local gate = redis.call('HMGET', KEYS[key - 3], 'epoch', 'run', 'state', 'left', 'kept', 'limit', 'opensAt', 'closesAt', 'releases',
    'reopenedAt')
  -- One that is stopped takes no more orders, but still knows whom it has given some.
  offer.stopped = gate[3] == 'stopped'
  local trusted = gate[1] and gate[2] == run and (gate[3] == 'open' or offer.stopped)
  offer.epoch = trusted and tonumber(gate[1]) or 0
  offer.usable = trusted and gate[1] == ARGV[n]
  offer.left, offer.releases = tonumber(gate[4] or 0), tonumber(gate[9] or 0)
  offer.reopenedAt = tonumber(gate[10] or 0)
  if offer.usable then
    offer.kept, offer.limit = tonumber(gate[5]), tonumber(gate[6])
    offer.opensAt, offer.closesAt = tonumber(gate[7]), tonumber(gate[8])
    offer.bought, offer.taken = ask(KEYS[key - 2], offer.people), ask(KEYS[key - 1], offer.fields)
    offer.newBuyers, offer.newTaken, offer.newPending = {}, {}, {}
  end
end

-- 3. Who gets it.
local function refusal(code, n, request)
  for _, line in ipairs(request.lines) do
    if offers[line].bought[request.buyer] then return code + KNOWN_BUYER, n end
  end
  return code, n
end

local function decide(request)
  for _, n in ipairs(request.lines) do
    if not offers[n].usable then return STALE, n end
  end
  -- A retry must get its first answer even after the sale ended, so this comes before every rule.
  for _, n in ipairs(request.lines) do
    local earlier = offers[n].taken[request.field]
    if earlier then
      local same = string.sub(earlier, ORDER_ID + 1, CLAIM) == string.sub(request.claim, ORDER_ID + 1)
      return same and REPEAT or REUSED, n, string.sub(earlier, 1, ORDER_ID)
    end
  end
  for l, n in ipairs(request.lines) do
    local offer, units = offers[n], request.units[l]
    if nowMs < offer.opensAt then return refusal(NOT_OPEN, n, request) end
    if offer.stopped or (offer.closesAt > 0 and nowMs >= offer.closesAt) then return refusal(ENDED, n, request) end
    if (tonumber(offer.bought[request.buyer]) or 0) + units > offer.limit then return refusal(LIMIT, n, request) end
    if units > (request.waited and offer.kept or offer.left) then return refusal(SOLD_OUT, n, request) end
  end
  return TAKEN, request.lines[1]
end

local function take(request)
  for l, n in ipairs(request.lines) do
    local offer, units = offers[n], request.units[l]
    if request.waited then offer.kept = offer.kept - units else offer.left = offer.left - units end
    local bought = (tonumber(offer.bought[request.buyer]) or 0) + units
    local value = request.claim .. units
    offer.bought[request.buyer], offer.taken[request.field], offer.changed = bought, value, true
    local buyers, taken, pending = offer.newBuyers, offer.newTaken, offer.newPending
    buyers[#buyers + 1], buyers[#buyers + 2] = request.buyer, bought
    taken[#taken + 1], taken[#taken + 2] = request.field, value
    pending[#pending + 1], pending[#pending + 2] = nowMs, request.claim .. request.field
  end
end

local answers, repeats = {}, {}
for i, request in ipairs(requests) do
  local code, n, orderId = decide(request)
  if code == TAKEN then take(request) end
  if code == REPEAT then repeats[#repeats + 1], repeats[#repeats + 2] = i - 1, orderId end
  answers[i] = code * 1000 + n
end

-- 4. Written once.
local states = {}
for n = 1, offerCount do
  local offer, key = offers[n], n * 4
  if offer.changed then
    redis.call('HSET', KEYS[key - 3], 'left', offer.left, 'kept', offer.kept)
    redis.call('HSET', KEYS[key - 2], unpack(offer.newBuyers))
    redis.call('HSET', KEYS[key - 1], unpack(offer.newTaken))
    redis.call('ZADD', KEYS[key], unpack(offer.newPending))
  end
  local at = #states
  states[at + 1], states[at + 2], states[at + 3], states[at + 4] = offer.epoch, offer.left, offer.releases, offer.reopenedAt
end
return { nowMs, states, answers, repeats }
