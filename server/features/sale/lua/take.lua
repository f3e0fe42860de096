--[[
  take: decides many purchases of one room in one go. Counters are read once, requests are decided in the order they are
  given, counters are written once.

  KEYS, four per offer, offers numbered from 1:
    gate     hash  epoch, run, state, left, kept, limit, opensAt, closesAt, releases, reopenedAt
    buyers   hash  buyerId -> units held and sold; 0 for somebody whose orders have all ended
    taken    hash  buyerId .. requestKey -> claim .. units
    marks    hash  claim .. buyerId .. requestKey -> ms at which it was taken

  ARGV: the epoch the caller knows, one per offer; then for each request
    mark    order id (36) .. request hash (22): the claim; .. buyerId (36) .. requestKey
    lines   'number of the offer:units' of each line, with spaces between; with '-' before it all, the units come from those
            kept for waiting people

  Returns { nowMs, offers, answers, repeats }
    nowMs    Unix epoch by the clock of Redis
    offers   epoch, left, releases, reopenedAt for each offer; epoch 0: there is no gate that may be trusted
    answers  code * 1000 + number of the offer that decided it, one per request
             1 taken, 2 sold out, 3 limit, 4 not open yet, 5 ended, 6 stale, 7 taken before, 8 key used with other contents;
             refusals plus 100 000 when the buyer has or had an order here: the key may be the one of an order that has ended
    repeats  index of the request (from 0), order id; for each answer 7

  Keeps    left, kept >= 0; units of a buyer <= limit; one claim per request key; all lines of a request or none.
  Cost     O(lines). Three reads and four writes per offer, however many requests; about 9 µs per request that takes. Most of
           that is strings: therefore two arguments a request, tables by column, and numbers that are turned into text once.
]]
local TAKEN, SOLD_OUT, LIMIT, NOT_OPEN, ENDED, STALE, REPEAT, REUSED = 1, 2, 3, 4, 5, 6, 7, 8
local BUYER, CLAIM, ORDER_ID = 36, 58, 36
local KNOWN_BUYER = 100

local offerCount = #KEYS / 4
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
-- A server that was restarted or replaced may have lost the last writes, whatever it still has: its gates are not trusted.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or 'none'

-- Values by name; what is not there has no entry.
local function ask(key, names)
  local values, found = redis.call('HMGET', key, unpack(names)), {}
  for i = 1, #names do
    if values[i] then found[names[i]] = values[i] end
  end
  return found
end

-- Redis would print every number it is given with 17 digits.
local texts = {}
local function textOf(number)
  local text = texts[number] or string.format('%.0f', number)
  texts[number] = text
  return text
end
local nowText = textOf(nowMs)

-- 1. What is asked. Most requests name the same lines, so each wording is read once.
local plans = {}
local function planOf(wording)
  local plan = { waited = string.sub(wording, 1, 1) == '-', count = 0, offers = {}, units = {} }
  for number, units in string.gmatch(wording, '(%d+):(%d+)') do
    plan.count = plan.count + 1
    plan.offers[plan.count], plan.units[plan.count] = tonumber(number), tonumber(units)
  end
  plans[wording] = plan
  return plan
end

local offers, count = {}, 0
local marks, fields, buyers, asked = {}, {}, {}, {}
for n = 1, offerCount do offers[n] = { asked = 0, fields = {}, people = {} } end
for at = offerCount + 1, #ARGV, 2 do
  local mark, plan = ARGV[at], plans[ARGV[at + 1]] or planOf(ARGV[at + 1])
  local field, buyer = string.sub(mark, CLAIM + 1), string.sub(mark, CLAIM + 1, CLAIM + BUYER)
  count = count + 1
  marks[count], fields[count], buyers[count], asked[count] = mark, field, buyer, plan
  for l = 1, plan.count do
    local offer = offers[plan.offers[l]]
    local place = offer.asked + 1
    offer.asked, offer.fields[place], offer.people[place] = place, field, buyer
  end
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
    offer.newCount, offer.newBuyers, offer.newTaken, offer.newMarks = 0, {}, {}, {}
  end
end

-- 3. Who gets it.
local function refusal(code, n, i)
  local plan = asked[i]
  for l = 1, plan.count do
    if offers[plan.offers[l]].bought[buyers[i]] then return code + KNOWN_BUYER, n end
  end
  return code, n
end

local function decide(i)
  local plan, field, buyer = asked[i], fields[i], buyers[i]
  for l = 1, plan.count do
    local n = plan.offers[l]
    if not offers[n].usable then return STALE, n end
  end
  -- A retry must get its first answer even after the sale ended, so this comes before every rule.
  for l = 1, plan.count do
    local n = plan.offers[l]
    local earlier = offers[n].taken[field]
    if earlier then
      local same = string.sub(earlier, ORDER_ID + 1, CLAIM) == string.sub(marks[i], ORDER_ID + 1, CLAIM)
      return same and REPEAT or REUSED, n, string.sub(earlier, 1, ORDER_ID)
    end
  end
  for l = 1, plan.count do
    local n, units = plan.offers[l], plan.units[l]
    local offer = offers[n]
    if nowMs < offer.opensAt then return refusal(NOT_OPEN, n, i) end
    if offer.stopped or (offer.closesAt > 0 and nowMs >= offer.closesAt) then return refusal(ENDED, n, i) end
    if (offer.bought[buyer] or 0) + units > offer.limit then return refusal(LIMIT, n, i) end
    if units > (plan.waited and offer.kept or offer.left) then return refusal(SOLD_OUT, n, i) end
  end
  return TAKEN, plan.offers[1]
end

local function take(i)
  local plan, mark, field, buyer = asked[i], marks[i], fields[i], buyers[i]
  for l = 1, plan.count do
    local offer, units = offers[plan.offers[l]], plan.units[l]
    if plan.waited then offer.kept = offer.kept - units else offer.left = offer.left - units end
    local bought, value = (offer.bought[buyer] or 0) + units, string.sub(mark, 1, CLAIM) .. textOf(units)
    local at, newBuyers, newTaken, newMarks = offer.newCount, offer.newBuyers, offer.newTaken, offer.newMarks
    offer.bought[buyer], offer.taken[field], offer.newCount = bought, value, at + 2
    newBuyers[at + 1], newBuyers[at + 2] = buyer, textOf(bought)
    newTaken[at + 1], newTaken[at + 2] = field, value
    newMarks[at + 1], newMarks[at + 2] = mark, nowText
  end
end

local answers, repeats = {}, {}
for i = 1, count do
  local code, n, orderId = decide(i)
  if code == TAKEN then take(i) end
  if code == REPEAT then repeats[#repeats + 1], repeats[#repeats + 2] = i - 1, orderId end
  answers[i] = code * 1000 + n
end

-- 4. Written once.
local states = {}
for n = 1, offerCount do
  local offer, key = offers[n], n * 4
  if offer.usable and offer.newCount > 0 then
    redis.call('HSET', KEYS[key - 3], 'left', offer.left, 'kept', offer.kept)
    redis.call('HSET', KEYS[key - 2], unpack(offer.newBuyers))
    redis.call('HSET', KEYS[key - 1], unpack(offer.newTaken))
    redis.call('HSET', KEYS[key], unpack(offer.newMarks))
  end
  local at = #states
  states[at + 1], states[at + 2], states[at + 3], states[at + 4] = offer.epoch, offer.left, offer.releases, offer.reopenedAt
end
return { nowMs, states, answers, repeats }
