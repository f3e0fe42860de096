import { AppError } from '../../../shared/errors.ts';
import type { PinnedProduct } from '../../../shared/protocol/room.ts';
import { noId, pages, rowsOf } from '../../platform/pages.ts';
import { inTransaction, msOf, type Db, type Queryable } from '../../platform/postgres.ts';
import type { Stock, UnitsBack } from '../catalog/stock.ts';
import type { DropPromises } from '../giveaway/drop-promises.ts';
import { audienceColumn } from '../sale/offer-terms.pg.ts';
import type { OfferRef } from '../sale/gate.ts';
import type { OfferRow } from './offer-row.ts';
import type { NewOffer, OfferStore, OfferTermsInput, SellOut, UntoldOrder } from './offer-store.ts';

const columns = `
  offer_id AS "offerId", room_id AS "roomId", host_id AS "hostId", merchant_id AS "merchantId", sku_id AS "skuId", kind,
  item_number AS "itemNumber", title, option_values AS "optionValues", image_url AS "imageUrl",
  requires_shipping AS "requiresShipping", rehearsal, currency, price_minor AS "priceMinor", list_price_minor AS "listPriceMinor",
  lowest_price_minor AS "lowestPriceMinor", limit_units AS "limitUnits", allotment_units AS "allotmentUnits",
  ${audienceColumn},
  state, epoch, supply_units AS "supplyUnits", held_units AS "heldUnits", sold_units AS "soldUnits",
  withdrawn_units AS "withdrawnUnits", countdown_seconds AS "countdownSeconds", duration_seconds AS "durationSeconds",
  ${msOf('opens_at')} AS "opensAtMs", ${msOf('closes_at')} AS "closesAtMs", ${msOf('pinned_at')} AS "pinnedAtMs",
  pinned_stream_ms AS "pinnedStreamMs", request_key AS "requestKey",
  untold_since::text AS "untoldSince", untold_change AS "untoldChange", announced`;

const find = `SELECT ${columns} FROM offers WHERE offer_id = $1`;
const lock = `${find} FOR UPDATE`;
/** All that are not over, and the newest of those that are. */
const ofRoom = `
  SELECT ${columns} FROM (
    SELECT * FROM offers WHERE room_id = $1 AND state IN ('draft', 'open')
    UNION ALL (SELECT * FROM offers WHERE room_id = $1 AND state = 'closed' ORDER BY closed_at DESC LIMIT $2)
  ) shown ORDER BY state = 'closed', position, item_number`;

/** Item numbers, places and pins of one room are given out by one transaction at a time. */
const lockRoom = `SELECT pg_advisory_xact_lock(hashtextextended('nightmarket:offers:' || $1, 0))`;

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

const nextNumber = `
  SELECT COALESCE(max(item_number), 0) + 1 AS "itemNumber", COALESCE(max(position), 0) + 1 AS position,
    count(*) FILTER (WHERE state IN ('draft', 'open'))::int AS "openCount"
  FROM offers WHERE room_id = $1`;

/** Of a list of drafts, as JSON. */
const insert = `
  INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, kind, item_number, position, title, option_values,
    image_url, requires_shipping, currency, price_minor, list_price_minor, limit_units, allotment_units, audience,
    fan_level_min, early_level_min, early_seconds, countdown_seconds, duration_seconds, request_key, repeat_of, rehearsal,
    request_hash)
  SELECT "offerId", "roomId", "hostId", "merchantId", "skuId", kind, "itemNumber", position, title, "optionValues", "imageUrl",
    "requiresShipping", currency, "priceMinor", "listPriceMinor", "limitUnits", "allotmentUnits", audience->>'who',
    (audience->>'levelMin')::int, (audience#>>'{early,levelMin}')::int, (audience#>>'{early,seconds}')::int,
    "countdownSeconds", "durationSeconds", "requestKey", "repeatOf", rehearsal, decode("requestHash", 'hex')
  FROM jsonb_to_recordset($1::jsonb) AS draft ("offerId" uuid, "roomId" uuid, "hostId" uuid, "merchantId" uuid, "skuId" uuid,
    kind text, "itemNumber" int, position int, title jsonb, "optionValues" text[], "imageUrl" text, "requiresShipping" boolean,
    currency text, "priceMinor" bigint, "listPriceMinor" bigint, "limitUnits" int, "allotmentUnits" int, audience jsonb,
    "countdownSeconds" int, "durationSeconds" int, "requestKey" text, "repeatOf" uuid, rehearsal boolean, "requestHash" text)
  RETURNING ${columns}`;

const update = `
  UPDATE offers SET price_minor = $2, list_price_minor = $3, limit_units = $4, allotment_units = $5, audience = $6,
    fan_level_min = $7, early_level_min = $8, early_seconds = $9, countdown_seconds = $10, duration_seconds = $11::int,
    epoch = nextval('offer_epochs'), closes_at = opens_at + $11::int * interval '1 second',
    supply_units = supply_units + $12, withdrawn_units = withdrawn_units + $13,
    sell_out = sell_out + ($12 > 0 AND held_units + sold_units + withdrawn_units >= supply_units)::int,
    untold_since = CASE WHEN state = 'open' THEN now() END, untold_change = state = 'open'
  WHERE offer_id = $1 RETURNING ${columns}`;

/** Of the prices of a SKU those of the 30 days before an offer opens at `start`. One that ended before its sale had begun was nobody's. */
const inDaysBefore = (start: string): string => `
  from_at < ${start} AND COALESCE(until_at, ${start}) > ${start} - interval '30 days' AND (until_at IS NULL OR until_at > from_at)`;

/** What SKUs were sold for live, and what they stood at in the catalog. */
const prices = `
  (SELECT sku_id, currency, price_minor, from_at, until_at, offer_id FROM offer_prices
   UNION ALL SELECT sku_id, currency, price_minor, from_at, until_at, NULL FROM catalog_prices)`;

/** The lowest this SKU was sold for in the 30 days before an offer opens, live or in the catalog; $3: what it is there now. */
const lowestPrice = `
  SELECT LEAST($3::bigint, min(price_minor)) AS minor
  FROM ${prices} p, (SELECT COALESCE(to_timestamp($4::bigint / 1000.0), now()) AS start_at) opening
  WHERE sku_id = $1 AND currency = $2 AND ${inDaysBefore('start_at')}`;

/**
 * A lower price may come between the call that schedules an opening and the opening: looked at just before it, so that nobody sees another
 * one, and for the last time after it. Rows are locked as batches of purchases lock them.
 */
const noteLowestPrices = `
  UPDATE offers SET lowest_noted = opens_at <= now(), lowest_price_minor = seen.minor,
    untold_since = CASE WHEN is_lower THEN now() ELSE untold_since END, untold_change = untold_change OR is_lower
  FROM (
    SELECT offer_id, LEAST(minor, lowest_price_minor) AS minor, COALESCE(minor < lowest_price_minor, false) AS is_lower
    FROM offers opening CROSS JOIN LATERAL (
      SELECT min(price_minor) AS minor FROM ${prices} p
      WHERE p.sku_id = opening.sku_id AND p.currency = opening.currency AND p.offer_id IS DISTINCT FROM opening.offer_id
        AND ${inDaysBefore('opening.opens_at')}) before
    WHERE state = 'open' AND NOT lowest_noted AND opens_at <= now() + interval '1 second'
      AND (opens_at <= now() OR minor < lowest_price_minor)
    ORDER BY offer_id FOR UPDATE OF opening) seen
  WHERE offers.offer_id = seen.offer_id`;

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

const addPrice = `
  INSERT INTO offer_prices (offer_id, epoch, sku_id, price_minor, currency, from_at)
  VALUES ($1, $2, $3, $4, $5, GREATEST(now(), to_timestamp($6::bigint / 1000.0)))`;

const endPrices = `UPDATE offer_prices SET until_at = now() WHERE offer_id = $1 AND until_at IS NULL`;
const endWaiting = `UPDATE offer_waiters SET state = 'missed' WHERE offer_id = $1 AND state = 'waiting'`;
const missed = `SELECT person_id AS "personId" FROM offer_waiters WHERE offer_id = $1 AND state = 'missed'`;

/**
 * Joining does not lock the offer, so that a crowd in line can't hold up the orders of it: a ticket may be committed just after
 * the closing has looked for tickets. An hour is far longer than any statement takes.
 */
const endStragglers = `
  UPDATE offer_waiters w SET state = 'missed' FROM offers o
  WHERE w.offer_id = o.offer_id AND w.state = 'waiting' AND o.state = 'closed' AND o.closed_at > now() - interval '1 hour'
  RETURNING w.offer_id AS "offerId", o.room_id AS "roomId", w.person_id AS "personId"`;

/** Its time is up, or its room is over. */
const hasEnded = `
  (closes_at <= now() OR EXISTS (SELECT FROM rooms r WHERE r.room_id = offers.room_id AND r.state IN ('ended', 'cancelled')))`;
const due = `
  SELECT ${columns} FROM offers WHERE state = 'open' AND offer_id > $1 AND ${hasEnded} ORDER BY offer_id LIMIT $2`;
const isDue = `SELECT FROM offers WHERE offer_id = $1 AND ${hasEnded}`;

const untold = `
  SELECT ${columns} FROM offers WHERE untold_since < now() - $3 * interval '1 ms' AND offer_id > $1 ORDER BY offer_id LIMIT $2`;
/** Not when the offer has gone on since: then there is more to tell. */
const told = `
  UPDATE offers SET untold_since = NULL, untold_change = false WHERE offer_id = $1 AND untold_since = $2::timestamptz`;

const announced = `UPDATE offers SET announced = true WHERE offer_id = $1 AND NOT announced`;

/** Rows of several offers are locked in the order in which a batch of purchases locks them: any other could deadlock with it. */
const lockToOrder = `SELECT FROM offers WHERE room_id = $1 ORDER BY offer_id FOR UPDATE`;
const lockToPin = `
  SELECT FROM offers WHERE room_id = $1 AND (offer_id = $2 OR pinned_at IS NOT NULL) ORDER BY offer_id FOR UPDATE`;

const orderOffers = `
  UPDATE offers SET position = p.position
  FROM (SELECT offer_id, row_number() OVER (ORDER BY array_position($2::uuid[], offer_id) NULLS LAST, position) AS position
        FROM offers WHERE room_id = $1) p
  WHERE offers.offer_id = p.offer_id AND offers.position <> p.position`;

const noteOrder = `
  INSERT INTO offer_orders_untold (room_id) VALUES ($1) ON CONFLICT (room_id) DO UPDATE SET since = EXCLUDED.since
  RETURNING since::text AS since`;
const untoldOrders = `
  SELECT room_id AS "roomId", since::text AS since FROM offer_orders_untold
  WHERE since < now() - $1 * interval '1 ms' ORDER BY since LIMIT $2`;
const orderTold = `DELETE FROM offer_orders_untold WHERE room_id = $1 AND since = $2::timestamptz`;

const pinned = `
  SELECT offer_id AS "offerId" FROM offers WHERE room_id = $1 AND pinned_at IS NOT NULL ORDER BY pinned_at DESC`;
const pinnedIn = `
  SELECT DISTINCT ON (room_id) room_id AS "roomId", title, image_url AS "imageUrl", price_minor AS "priceMinor", currency
  FROM offers WHERE room_id = ANY ($1::uuid[]) AND pinned_at IS NOT NULL ORDER BY room_id, pinned_at DESC`;
const setPin = `
  UPDATE offers SET pinned_at = clock_timestamp(), pinned_stream_ms = $2, untold_since = now(), untold_change = true
  WHERE offer_id = $1 AND state = 'open' RETURNING ${columns}`;
const clearPins = `
  UPDATE offers SET pinned_at = NULL, pinned_stream_ms = NULL, untold_since = now(), untold_change = true
  WHERE offer_id = ANY($1::uuid[]) AND pinned_at IS NOT NULL RETURNING ${columns}`;

const soldOut = `state = 'open' AND held_units + sold_units + withdrawn_units >= supply_units`;
const sellOutOf = `SELECT sell_out AS number, epoch FROM offers WHERE offer_id = $1 AND ${soldOut}`;
const sellOutTold = `UPDATE offers SET sell_out_told = $2 WHERE offer_id = $1 AND sell_out_told < $2`;
const sellOutsUntold = `
  SELECT offer_id AS "offerId", room_id AS "roomId" FROM offers
  WHERE offer_id > $1 AND sell_out_told < sell_out AND ${soldOut} ORDER BY offer_id LIMIT $2`;

/** A pin that a host has just set stays for a moment, so that nobody wonders where it went. */
const unpinSoldOut = `
  UPDATE offers SET pinned_at = NULL, pinned_stream_ms = NULL, untold_since = now(), untold_change = true
  WHERE offer_id IN (
    SELECT offer_id FROM offers
    WHERE pinned_at < now() - interval '3 seconds' AND ${soldOut}
    ORDER BY offer_id LIMIT $1 FOR UPDATE SKIP LOCKED)
  RETURNING ${columns}`;

/** Offers that are over, in the list of their room. */
const endedShownMax = 200;
const rowsPerPage = 500;

export function createOfferStore(db: Db, stock: Stock, promises: DropPromises): OfferStore {
  return {
    add: (offer, offersMax) => inTransaction(db, async (client) => (await addAll(client, [offer], offersMax))[0]!),
    addAll: (offers, offersMax) => inTransaction(db, (client) => addAll(client, offers, offersMax)),
    ofRequest: async (roomId, requestKey) => (await db.query<OfferRow>(ofRequest, [roomId, requestKey])).rows,
    lastOfEach: async (roomId, offersMax) => (await db.query<OfferRow>(lastOfEach, [roomId, offersMax])).rows,
    find: (offerId) => one(db, find, [offerId]),
    ofRoom: async (roomId) => (await db.query<OfferRow>(ofRoom, [roomId, endedShownMax])).rows,

    change: (offerId, changes, check) =>
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
        const changed = (await one(client, update, [offerId, ...termsValues(after), more, fewer]))!;
        const isNewPrice = before.state === 'open' && changed.priceMinor !== before.priceMinor;
        if (isNewPrice && !changed.rehearsal) await changePrice(client, changed);
        return changed;
      }),

    open: (offerId, opensAtMs, catalogPriceMinor) =>
      inTransaction(db, async (client) => {
        const seen = await one(client, find, [offerId]);
        if (!seen) return { offer: null, freeUnits: 0 };
        await stock.lock(client, seen.skuId);
        const draft = (await one(client, lock, [offerId]))!;
        const { skuId, allotmentUnits, currency } = draft;
        if (draft.state === 'open') return { offer: draft, ...(await free(client, draft)) };
        if (draft.state !== 'draft') return { offer: null, freeUnits: 0 };
        const { outcome, freeUnits } = await allot(client, draft, allotmentUnits);
        if (outcome === 'short') return { offer: null, freeUnits };
        const { rows } = await client.query<{ minor: number }>(lowestPrice, [
          skuId,
          currency,
          catalogPriceMinor,
          opensAtMs,
        ]);
        const offer = (await one(client, openOffer, [offerId, opensAtMs, rows[0]!.minor]))!;
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
        await client.query(endPrices, [offerId]);
        await client.query(endWaiting, [offerId]);
        return closed;
      }),

    async noteLowestPrices() {
      await db.query(noteLowestPrices);
    },

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
    untold: (ageMs) => inSteps((after, rows) => db.query<OfferRow>(untold, [after, rows, ageMs])),
    async told({ offerId, untoldSince }) {
      await db.query(told, [offerId, untoldSince]);
    },
    async announced(offerId) {
      await db.query(announced, [offerId]);
    },
    missed: async (offerId) =>
      (await db.query<{ personId: string }>(missed, [offerId])).rows.map(({ personId }) => personId),
    endStragglers: async () => (await db.query<OfferRef & { personId: string }>(endStragglers)).rows,

    order: (roomId, offerIds) =>
      inTransaction(db, async (client) => {
        await client.query(lockRoom, [roomId]);
        await client.query(lockToOrder, [roomId]);
        await client.query(orderOffers, [roomId, offerIds]);
        return (await client.query<UntoldOrder>(noteOrder, [roomId])).rows[0]!.since;
      }),
    untoldOrders: async (ageMs) => (await db.query<UntoldOrder>(untoldOrders, [ageMs, rowsPerPage])).rows,
    async orderTold({ roomId, since }) {
      await db.query(orderTold, [roomId, since]);
    },

    pin: (offerId, streamMs, pinsMax) =>
      inTransaction(db, async (client) => {
        const found = await one(client, find, [offerId]);
        if (!found) return null;
        await client.query(lockRoom, [found.roomId]);
        await client.query(lockToPin, [found.roomId, offerId]);
        const offer = await one(client, setPin, [offerId, streamMs]);
        if (!offer) return null;
        const { rows } = await client.query<{ offerId: string }>(pinned, [found.roomId]);
        const tooMany = rows.slice(pinsMax).map((row) => row.offerId);
        return { offer, replaced: (await client.query<OfferRow>(clearPins, [tooMany])).rows };
      }),

    async pinnedIn(roomIds) {
      const { rows } = await db.query<PinnedProduct & { roomId: string }>(pinnedIn, [roomIds]);
      return new Map(rows.map(({ roomId, ...pin }) => [roomId, pin]));
    },
    unpin: (offerId) => one(db, clearPins, [[offerId]]),
    sellOutOf: async (offerId) => (await db.query<SellOut>(sellOutOf, [offerId])).rows[0] ?? null,
    async sellOutTold(offerId, { number }) {
      await db.query(sellOutTold, [offerId, number]);
    },
    sellOutsUntold: () => inSteps((after, rows) => db.query<OfferRef>(sellOutsUntold, [after, rows])),
    unpinSoldOut: async () => (await db.query<OfferRow>(unpinSoldOut, [rowsPerPage])).rows,
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

const inSteps = <Row extends OfferRef>(
  query: (after: string, rows: number) => Promise<{ rows: Row[] }>,
): AsyncIterable<Row> =>
  rowsOf({
    first: noId,
    keyOf: ({ offerId }) => offerId,
    read: async (after, rows) => (await query(after, rows)).rows,
    rowsPerPage,
  });

/** All are parts of one request to one room. */
async function addAll(client: Queryable, offers: readonly NewOffer[], offersMax: number): Promise<(OfferRow | null)[]> {
  if (!offers[0]) return [];
  const { roomId } = offers[0];
  await client.query(lockRoom, [roomId]);
  const earlier = await ofKey(client, offers[0]);
  type Next = { itemNumber: number; position: number; openCount: number };
  const { itemNumber, position, openCount } = (await client.query<Next>(nextNumber, [roomId])).rows[0]!;
  const drafts = offers
    .filter(({ requestKey }) => !earlier.has(requestKey))
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

async function changePrice(client: Queryable, offer: OfferRow): Promise<void> {
  const { offerId, epoch, skuId, priceMinor, currency, opensAtMs } = offer;
  await client.query(endPrices, [offerId]);
  await client.query(addPrice, [offerId, epoch, skuId, priceMinor, currency, opensAtMs]);
}

async function one(client: Queryable, statement: string, values: unknown[]): Promise<OfferRow | null> {
  return (await client.query<OfferRow>(statement, values)).rows[0] ?? null;
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
