--[[
  take: decides many purchases of one room in one go. Counters are read once, requests are decided in the order they are
  given, counters are written once.

  KEYS, three per offer, offers numbered from 1:
    gate     hash  epoch, run, state, left, kept, limit, opensAt, closesAt, releases, reopenedAt
    buyers   hash  buyerId -> units held and sold, then a line for each order: claim .. units .. ' ' .. requestKey.
                   Somebody whose orders have all ended stays in it with '0\n'. No request key has an end of line in it.
    marks    hash  claim .. buyerId .. requestKey -> ms at which it was taken

  ARGV: the epoch the caller knows, one per offer; then for each request
    mark    order id (36) .. request hash (22): the claim; .. buyerId (36) .. requestKey
    lines   'number of the offer:units' of each line, with spaces between; with '-' before it all, the units come from those
            kept for waiting people

  Returns { nowMs, offers, answers, repeats }
    nowMs    Unix epoch by the clock of Redis
    offers   epoch, left, releases, reopenedAt for each offer; epoch 0: there is no gate that may be trusted
    answers  code * 1000 + number of the offer that decided it, one per request
             1 taken, 2 sold out, 3 limit, 4 not open yet, 5 ended, 6 stale, 7 taken before, 8 key used with other contents,
             9 stopped: about to end, or to go on;
             refusals plus 100 000 when the buyer has or had an order here: the key may be the one of an order that has ended
    repeats  index of the request (from 0), order id; for each answer 7

  Keeps    left, kept >= 0; units of a buyer <= limit; one claim per request key; all lines of a request or none.
  Cost     O(lines). Two reads and three writes per offer, however many requests. Most of the time goes to strings: therefore two
           arguments a request, one record per buyer, tables by column, and numbers that are turned into text once.
           A buyer's record is read and written whole: it has as many lines as the limit has units, at the most.
]]
local TAKEN, SOLD_OUT, LIMIT, NOT_OPEN, ENDED, STALE, REPEAT, REUSED, STOPPED = 1, 2, 3, 4, 5, 6, 7, 8, 9
local BUYER, CLAIM, ORDER_ID = 36, 58, 36
local KNOWN_BUYER = 100

local offerCount = #KEYS / 3
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
local marks, buyers, asked = {}, {}, {}
for n = 1, offerCount do offers[n] = { asked = 0, people = {} } end
for at = offerCount + 1, #ARGV, 2 do
  local mark, plan = ARGV[at], plans[ARGV[at + 1]] or planOf(ARGV[at + 1])
  local buyer = string.sub(mark, CLAIM + 1, CLAIM + BUYER)
  count = count + 1
  marks[count], buyers[count], asked[count] = mark, buyer, plan
  for l = 1, plan.count do
    local offer = offers[plan.offers[l]]
    local place = offer.asked + 1
    offer.asked, offer.people[place] = place, buyer
  end
end

-- 2. What is there.
for n = 1, offerCount do
  local offer, key = offers[n], n * 3
  local gate = redis.call('HMGET', KEYS[key - 2], 'epoch', 'run', 'state', 'left', 'kept', 'limit', 'opensAt', 'closesAt', 'releases',
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
    offer.records = ask(KEYS[key - 1], offer.people)
    offer.newCount, offer.newBuyers, offer.newMarks = 0, {}, {}
  end
end

-- 3. Who gets it.
local function boughtOf(record) return record and tonumber(string.match(record, '^%d+')) or 0 end

-- The claim under which a buyer has taken units by this key; nil when there is none.
local orderLine = '\n(' .. string.rep('.', CLAIM) .. ')%d+ ([^\n]+)'
local function claimOf(record, key)
  for claim, ofKey in string.gmatch(record, orderLine) do
    if ofKey == key then return claim end
  end
end

local function refusal(code, n, i)
  local plan = asked[i]
  for l = 1, plan.count do
    if offers[plan.offers[l]].records[buyers[i]] then return code + KNOWN_BUYER, n end
  end
  return code, n
end

local function decide(i)
  local plan, buyer = asked[i], buyers[i]
  for l = 1, plan.count do
    local n = plan.offers[l]
    if not offers[n].usable then return STALE, n end
  end
  -- A retry must get its first answer even after the sale ended, so this comes before every rule.
  for l = 1, plan.count do
    local n = plan.offers[l]
    local record = offers[n].records[buyer]
    local earlier = record and claimOf(record, string.sub(marks[i], CLAIM + BUYER + 1))
    if earlier then
      local same = string.sub(earlier, ORDER_ID + 1) == string.sub(marks[i], ORDER_ID + 1, CLAIM)
      return same and REPEAT or REUSED, n, string.sub(earlier, 1, ORDER_ID)
    end
  end
  for l = 1, plan.count do
    local n, units = plan.offers[l], plan.units[l]
    local offer = offers[n]
    if nowMs < offer.opensAt then return refusal(NOT_OPEN, n, i) end
    if offer.closesAt > 0 and nowMs >= offer.closesAt then return refusal(ENDED, n, i) end
    if offer.stopped then return STOPPED, n end
    if boughtOf(offer.records[buyer]) + units > offer.limit then return refusal(LIMIT, n, i) end
    if units > (plan.waited and offer.kept or offer.left) then return refusal(SOLD_OUT, n, i) end
  end
  return TAKEN, plan.offers[1]
end

local function take(i)
  local plan, mark, buyer = asked[i], marks[i], buyers[i]
  for l = 1, plan.count do
    local offer, units = offers[plan.offers[l]], plan.units[l]
    if plan.waited then offer.kept = offer.kept - units else offer.left = offer.left - units end
    local record, at, newBuyers, newMarks = offer.records[buyer], offer.newCount, offer.newBuyers, offer.newMarks
    local earlier = record and string.match(record, '\n.*') or '\n'
    record = textOf(boughtOf(record) + units) .. earlier .. string.sub(mark, 1, CLAIM) .. textOf(units) .. ' '
      .. string.sub(mark, CLAIM + BUYER + 1) .. '\n'
    offer.records[buyer], offer.newCount = record, at + 2
    newBuyers[at + 1], newBuyers[at + 2] = buyer, record
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
  local offer, key = offers[n], n * 3
  if offer.usable and offer.newCount > 0 then
    redis.call('HSET', KEYS[key - 2], 'left', offer.left, 'kept', offer.kept)
    redis.call('HSET', KEYS[key - 1], unpack(offer.newBuyers))
    redis.call('HSET', KEYS[key], unpack(offer.newMarks))
  end
  local at = #states
  states[at + 1], states[at + 2], states[at + 3], states[at + 4] = offer.epoch, offer.left, offer.releases, offer.reopenedAt
end
return { nowMs, states, answers, repeats }
