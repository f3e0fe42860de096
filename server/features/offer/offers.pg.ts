import { AppError } from '../../../shared/errors.ts';
import { noId, pages, rowsOf } from '../../platform/pages.ts';
import { inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';
import type { Stock, UnitsBack } from '../catalog/stock.ts';
import type { DropPromises } from '../giveaway/drop-promises.ts';
import { loseWhenAsleep } from '../sale/gate-source.pg.ts';
import { hasItsOrder } from '../sale/waiters.pg.ts';
import { createOfferNews } from './offer-news.pg.ts';
import { createOfferPins } from './offer-pins.pg.ts';
import { changePrice, endPricesOf, lowestPriceOf, noteLowestPrices } from './offer-prices.pg.ts';
import type { OfferRow } from './offer-row.ts';
import { columns, lockRoom, one, rowsPerPage } from './offer-rows.pg.ts';
import type { NewOffer, OfferStore, OfferTermsInput } from './offer-store.ts';

const find = `SELECT ${columns} FROM offers WHERE offer_id = $1`;
const lock = `${find} FOR UPDATE`;
/** All that are not over, and the newest of those that are. */
const ofRoom = `
  SELECT ${columns} FROM (
    SELECT * FROM offers WHERE room_id = $1 AND state IN ('draft', 'open')
    UNION ALL (SELECT * FROM offers WHERE room_id = $1 AND state = 'closed' ORDER BY closed_at DESC LIMIT $2)
  ) shown ORDER BY state = 'closed', position, item_number`;

/** Parts of a request have keys of several lines, the first of which is its own. */
const findByKey = `
  SELECT ${columns} FROM offers WHERE room_id = $1 AND split_part(request_key, E'\\n', 1) = split_part($2, E'\\n', 1)`;
/** Offers of before the fingerprint was kept are answered whatever was asked. */
const otherByKey = `
  SELECT FROM offers WHERE room_id = $1 AND split_part(request_key, E'\\n', 1) = split_part($2, E'\\n', 1) AND request_hash <> $3 LIMIT 1`;
const ofRequest = `
  SELECT ${columns} FROM offers WHERE room_id = $1 AND starts_with(request_key, $2 || E'\\n')`;

const lastOfEach = `
  SELECT ${columns} FROM (
    SELECT DISTINCT ON (sku_id, kind) * FROM offers WHERE room_id = $1 AND state <> 'discarded'
    ORDER BY sku_id, kind, item_number DESC
  ) last ORDER BY position, item_number LIMIT $2`;

const offered = `SELECT DISTINCT sku_id AS "skuId" FROM offers WHERE room_id = $1 AND sku_id = ANY($2::uuid[]) AND state <> 'discarded'`;

const nextNumber = `
  SELECT COALESCE(max(item_number), 0) + 1 AS "itemNumber", COALESCE(max(position), 0) + 1 AS position,
    count(*) FILTER (WHERE state IN ('draft', 'open'))::int AS "openCount"
  FROM offers WHERE room_id = $1`;

/** Of a list of drafts, as JSON. */
const insert = `
  INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, kind, item_number, position, title, option_values,
    image_url, requires_shipping, currency, price_minor, list_price_minor, limit_units, allotment_units, audience,
    fan_level_min, early_level_min, early_seconds, countdown_seconds, duration_seconds, request_key, repeat_of, rehearsal,
    request_hash, product_id)
  SELECT "offerId", "roomId", "hostId", "merchantId", "skuId", kind, "itemNumber", position, title, "optionValues", "imageUrl",
    "requiresShipping", currency, "priceMinor", "listPriceMinor", "limitUnits", "allotmentUnits", audience->>'who',
    (audience->>'levelMin')::int, (audience#>>'{early,levelMin}')::int, (audience#>>'{early,seconds}')::int,
    "countdownSeconds", "durationSeconds", "requestKey", "repeatOf", rehearsal, decode("requestHash", 'hex'), "productId"
  FROM jsonb_to_recordset($1::jsonb) AS draft ("offerId" uuid, "roomId" uuid, "hostId" uuid, "merchantId" uuid, "skuId" uuid,
    kind text, "itemNumber" int, position int, title jsonb, "optionValues" text[], "imageUrl" text, "requiresShipping" boolean,
    currency text, "priceMinor" bigint, "listPriceMinor" bigint, "limitUnits" int, "allotmentUnits" int, audience jsonb,
    "countdownSeconds" int, "durationSeconds" int, "requestKey" text, "repeatOf" uuid, rehearsal boolean, "requestHash" text,
    "productId" uuid)
  RETURNING ${columns}`;

const update = `
  UPDATE offers SET price_minor = $2, list_price_minor = $3, limit_units = $4, allotment_units = $5, audience = $6,
    fan_level_min = $7, early_level_min = $8, early_seconds = $9, countdown_seconds = $10, duration_seconds = $11::int,
    epoch = nextval('offer_epochs'), closes_at = opens_at + $11::int * interval '1 second',
    supply_units = supply_units + $12, withdrawn_units = withdrawn_units + $13,
    sell_out = sell_out + ($12 > 0 AND held_units + sold_units + withdrawn_units >= supply_units)::int,
    untold_since = CASE WHEN state = 'open' THEN now() END, untold_change = state = 'open',
    lowest_price_minor = CASE WHEN opens_at < clock_timestamp() THEN LEAST($14::bigint, lowest_price_minor) ELSE lowest_price_minor END
  WHERE offer_id = $1 RETURNING ${columns}`;

const openOffer = `
  UPDATE offers SET state = 'open', supply_units = allotment_units, lowest_price_minor = $3, epoch = nextval('offer_epochs'),
    opens_at = w.start_at, closes_at = w.start_at + duration_seconds * interval '1 second', untold_since = now(),
    lowest_noted = w.start_at <= now()
  FROM (SELECT COALESCE(to_timestamp($2::bigint / 1000.0), now() + countdown_seconds * interval '1 second') AS start_at
        FROM offers WHERE offer_id = $1) w
  WHERE offer_id = $1 RETURNING ${columns}`;

const closeOffer = `
  UPDATE offers SET state = 'closed', closed_at = now(), epoch = nextval('offer_epochs'), pinned_at = NULL, untold_since = now(),
    untold_change = false, withdrawn_units = supply_units - held_units - sold_units
  WHERE offer_id = $1 RETURNING ${columns}`;

/** What the offers of a rehearsal have of its copy of the stock. */
const copied = `
  SELECT COALESCE(sum(supply_units - withdrawn_units), 0)::int AS units FROM offers
  WHERE room_id = $1 AND sku_id = $2 AND rehearsal`;

const heldOrders = `
  SELECT order_id AS "orderId" FROM order_lines JOIN orders USING (order_id)
  WHERE offer_id = $1 AND state = 'held' AND order_id > $2 ORDER BY order_id LIMIT $3`;

const discard = `UPDATE offers SET state = 'discarded' WHERE offer_id = $1 AND state = 'draft' RETURNING ${columns}`;

/** Units that are held for somebody are theirs, though the offer ends before it is noted: whoever serves the line does that. */
const endWaiting = `
  UPDATE offer_waiters w SET state = 'missed' WHERE offer_id = $1 AND state = 'waiting' AND NOT ${hasItsOrder}`;

/** Its time is up, or its room is over. */
const hasEnded = `
  (closes_at <= now() OR EXISTS (SELECT FROM rooms r WHERE r.room_id = offers.room_id AND r.state IN ('ended', 'cancelled')))`;
const due = `
  SELECT ${columns} FROM offers WHERE state = 'open' AND offer_id > $1 AND ${hasEnded} ORDER BY offer_id LIMIT $2`;
const isDue = `SELECT FROM offers WHERE offer_id = $1 AND ${hasEnded}`;

/** Offers that are over, in the list of their room. */
const endedShownMax = 200;

export function createOfferStore(db: Db, stock: Stock, promises: DropPromises): OfferStore {
  return {
    add: (offer, offersMax) => inTransaction(db, async (client) => (await addAll(client, [offer], offersMax))[0]!),
    addAll: (offers, offersMax, which) => inTransaction(db, (client) => addAll(client, offers, offersMax, which)),
    offered: (roomId, skuIds) => offeredOf(db, roomId, skuIds),
    ofRequest: async (roomId, requestKey) => (await db.query<OfferRow>(ofRequest, [roomId, requestKey])).rows,
    lastOfEach: async (roomId, offersMax) => (await db.query<OfferRow>(lastOfEach, [roomId, offersMax])).rows,
    find: (offerId) => one(db, find, [offerId]),
    ofRoom: async (roomId) => (await db.query<OfferRow>(ofRoom, [roomId, endedShownMax])).rows,

    change: (offerId, changes, check, retune) =>
      stock.inTransaction(async (client, back) => {
        const seen = await one(client, find, [offerId]);
        if (!seen) return null;
        const mayTake = seen.state === 'open' && (changes.allotmentUnits ?? 0) > seen.allotmentUnits;
        if (mayTake) await stock.lock(client, seen.skuId);
        const before = (await one(client, lock, [offerId]))!;
        check(before, await isPromised(client, before));
        const after: OfferTermsInput = { ...before, ...changes };
        const deltaUnits = before.state === 'open' ? after.allotmentUnits - before.allotmentUnits : 0;
        const free = before.supplyUnits - before.heldUnits - before.soldUnits - before.withdrawnUnits;
        if (-deltaUnits > free) return 'short';
        // Opened, or lowered by somebody else, since it was seen.
        if (deltaUnits > 0 && !mayTake) throw new AppError('RETRY', undefined, { retryAfterMs: 0 });
        if (deltaUnits > 0 && (await allot(client, before, deltaUnits)).outcome === 'short') return 'short';
        if (deltaUnits < 0) await giveBack(back, before, -deltaUnits);
        const [more, fewer] = [Math.max(deltaUnits, 0), Math.max(-deltaUnits, 0)];
        const isNewPrice = before.state === 'open' && after.priceMinor !== before.priceMinor;
        // What it was sold for until now is one of the prices of before.
        const lowest = isNewPrice ? await lowestPriceOf(client, before, before.priceMinor, null) : null;
        const changed = (await one(client, update, [offerId, ...termsValues(after), more, fewer, lowest]))!;
        if (isNewPrice && !changed.rehearsal) await changePrice(client, changed);
        if (changed.state !== 'open') return { after: changed, isRetuned: false };
        await client.query(loseWhenAsleep);
        return { after: changed, isRetuned: await retune(before.epoch, changed, deltaUnits) };
      }),

    open: (offerId, opensAtMs, catalogPriceMinor, check) =>
      inTransaction(db, async (client) => {
        const seen = await one(client, find, [offerId]);
        if (!seen) return { offer: null, freeUnits: 0 };
        await stock.lock(client, seen.skuId);
        const draft = (await one(client, lock, [offerId]))!;
        if (draft.state === 'open') return { offer: draft, ...(await free(client, draft)) };
        if (draft.state !== 'draft') return { offer: null, freeUnits: 0 };
        check(draft);
        const { outcome, freeUnits } = await allot(client, draft, draft.allotmentUnits);
        if (outcome === 'short') return { offer: null, freeUnits };
        const lowest = await lowestPriceOf(client, draft, catalogPriceMinor, opensAtMs);
        const offer = (await one(client, openOffer, [offerId, opensAtMs, lowest]))!;
        if (!offer.rehearsal) await changePrice(client, offer);
        return { offer, freeUnits };
      }),

    close: (offerId, when) =>
      stock.inTransaction(async (client, back) => {
        const open = await one(client, lock, [offerId]);
        if (open?.state !== 'open') return null;
        if (when === 'due' && (await client.query(isDue, [offerId])).rowCount === 0) return 'not_due';
        if (await isPromised(client, open)) return 'promised';
        const closed = (await one(client, closeOffer, [offerId]))!;
        const units = closed.withdrawnUnits - open.withdrawnUnits;
        await giveBack(back, open, units);
        await endPricesOf(client, offerId);
        await client.query(endWaiting, [offerId]);
        return closed;
      }),

    isPromised: (offer) => isPromised(db, offer),
    async *heldOrders(offerId) {
      const read = async (after: string, rows: number) =>
        (await db.query<{ orderId: string }>(heldOrders, [offerId, after, rows])).rows;
      for await (const { orderId } of rowsOf({ first: noId, keyOf: (row) => row.orderId, read, rowsPerPage }))
        yield orderId;
    },
    discard: (offerId) => one(db, discard, [offerId]),
    due: () =>
      pages({
        first: noId,
        keyOf: ({ offerId }) => offerId,
        read: async (after, rows) => (await db.query<OfferRow>(due, [after, rows])).rows,
        rowsPerPage,
      }),
    ...createOfferPins(db),
    ...createOfferNews(db),
    noteLowestPrices: () => noteLowestPrices(db),
  };

  /** Only winners buy what is for winners alone, and nobody buys anything in a rehearsal. */
  async function isPromised(client: Queryable, offer: OfferRow): Promise<boolean> {
    if (offer.audience.who !== 'right' || offer.rehearsal) return false;
    return (await promises.unitsOf(client, offer)) > 0;
  }

  async function free(client: Queryable, { skuId, roomId, rehearsal }: OfferRow): Promise<{ freeUnits: number }> {
    const { freeUnits } = await stock.lock(client, skuId);
    if (!rehearsal) return { freeUnits };
    const { rows } = await client.query<{ units: number }>(copied, [roomId, skuId]);
    return { freeUnits: Math.max(0, freeUnits - rows[0]!.units) };
  }

  async function allot(client: Queryable, offer: OfferRow, units: number) {
    if (!offer.rehearsal) return stock.allot(client, { skuId: offer.skuId, offerId: offer.offerId, units });
    const { freeUnits } = await free(client, offer);
    return units > freeUnits
      ? { outcome: 'short' as const, freeUnits }
      : { outcome: 'allotted' as const, freeUnits: freeUnits - units };
  }
}

async function giveBack(back: UnitsBack, { skuId, offerId, rehearsal }: OfferRow, units: number): Promise<void> {
  if (!rehearsal) await back.give({ skuId, units, offerId });
}

async function offeredOf(db: Queryable, roomId: string, skuIds: readonly string[]): Promise<Set<string>> {
  if (skuIds.length === 0) return new Set();
  return new Set((await db.query<{ skuId: string }>(offered, [roomId, skuIds])).rows.map(({ skuId }) => skuId));
}

/** All are parts of one request to one room. */
async function addAll(
  client: Queryable,
  offers: readonly NewOffer[],
  offersMax: number,
  which?: 'not offered yet',
): Promise<(OfferRow | null)[]> {
  if (!offers[0]) return [];
  const { roomId } = offers[0];
  await client.query(lockRoom, [roomId]);
  const earlier = await ofKey(client, offers[0]);
  const skuIds = which ? offers.map(({ skuId }) => skuId) : [];
  const isThere = await offeredOf(client, roomId, skuIds);
  type Next = { itemNumber: number; position: number; openCount: number };
  const { itemNumber, position, openCount } = (await client.query<Next>(nextNumber, [roomId])).rows[0]!;
  const drafts = offers
    .filter(({ requestKey, skuId }) => !earlier.has(requestKey) && !isThere.has(skuId))
    .slice(0, Math.max(0, offersMax - openCount))
    .map((offer, i) => ({
      ...offer,
      itemNumber: itemNumber + i,
      position: position + i,
      requestHash: offer.requestHash.toString('hex'),
    }));
  const { rows } = await client.query<OfferRow>(insert, [JSON.stringify(drafts)]);
  const all = new Map([...earlier, ...rows.map((row) => [row.requestKey, row] as const)]);
  return offers.map(({ requestKey }) => all.get(requestKey) ?? null);
}

/** What a request with this key has added before. @throws AppError KEY_REUSED when it was another request. */
async function ofKey(
  client: Queryable,
  { roomId, requestKey, requestHash }: NewOffer,
): Promise<Map<string | null, OfferRow>> {
  const others = await client.query(otherByKey, [roomId, requestKey, requestHash]);
  if (others.rowCount !== 0) throw new AppError('KEY_REUSED');
  const added = (await client.query<OfferRow>(findByKey, [roomId, requestKey])).rows;
  return new Map(added.map((offer) => [offer.requestKey, offer]));
}

/** In the order of the columns price_minor to duration_seconds. */
function termsValues(terms: OfferTermsInput): unknown[] {
  const { priceMinor, listPriceMinor, limitUnits, allotmentUnits, audience, countdownSeconds, durationSeconds } = terms;
  const fanLevelMin = audience.who === 'fans' ? audience.levelMin : null;
  const early = (audience.who === 'all' && audience.early) || null;
  return [
    priceMinor,
    listPriceMinor,
    limitUnits,
    allotmentUnits,
    audience.who,
    fanLevelMin,
    early?.levelMin ?? null,
    early?.seconds ?? null,
    countdownSeconds,
    durationSeconds,
  ];
}
