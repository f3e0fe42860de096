import { isThere } from '../../platform/due-work.ts';
import { noId, pages } from '../../platform/pages.ts';
import { msOf, inTransaction, violates, type Db, type Queryable } from '../../platform/postgres.ts';
import type { Stock, UnitsBack } from '../catalog/stock.ts';
import type { DueOrder, EndedOrder, ExtendedOrder, OrderStore } from './order-store.ts';
import { noteEvents } from './order-events.pg.ts';
import type { Cause, OrderState } from './orders-ledger.ts';

const due = `
  SELECT order_id AS "orderId", room_id AS "roomId", pay_by::text AS "payBy" FROM orders
  WHERE state = 'held' AND pay_by <= now() AND (pay_by, order_id) > ($1::timestamptz, $2::uuid)
  ORDER BY pay_by, order_id LIMIT $3`;
export const someHoldRanOut = `(SELECT min(pay_by) FROM orders WHERE state = 'held') <= now()`;
const waitShortly = `SET LOCAL lock_timeout = '500ms'`;
const lockDue = `
  SELECT order_id AS "orderId" FROM orders WHERE order_id = ANY($1::uuid[]) AND state = 'held' AND pay_by <= now()
  ORDER BY order_id FOR UPDATE SKIP LOCKED`;

const claim = `
  order_id AS "orderId", room_id AS "roomId", buyer_id AS "buyerId", request_key AS "requestKey", request_hash AS "requestHash"`;

const end = `
  UPDATE orders SET state = $2, release_owed = true WHERE order_id = ANY($1::uuid[]) AND state = 'held' RETURNING ${claim}`;

/** Not of one that was paid late: its units were released before they were taken again. */
const owingRelease = `
  SELECT ${claim}, ARRAY(
      SELECT offer_id FROM order_lines l JOIN offers f USING (offer_id)
      WHERE l.order_id = orders.order_id AND f.state = 'open') AS "openOfferIds"
  FROM orders WHERE release_owed AND state IN ('expired', 'cancelled') AND order_id > $1 ORDER BY order_id LIMIT $2`;
export const someReleaseIsOwed = isThere(`SELECT 1 FROM orders WHERE release_owed ORDER BY order_id`);
const released = `UPDATE orders SET release_owed = false WHERE order_id = ANY($1::uuid[]) AND release_owed`;

const linesOf = `
  SELECT order_id AS "orderId", offer_id AS "offerId", units FROM order_lines WHERE order_id = ANY($1::uuid[])`;

/** Always in this order, so that two transactions never wait for each other. */
const lockOffers = `
  SELECT offer_id AS "offerId", sku_id AS "skuId", state, epoch, rehearsal FROM offers
  WHERE offer_id = ANY($1::uuid[]) ORDER BY offer_id FOR UPDATE`;

/** Those that nobody keeps others from. Asking holds nothing: several may ask at once, and the locks go with the statement. */
const skusAtRest = `SELECT sku_id FROM skus WHERE sku_id = ANY($1::uuid[]) FOR SHARE SKIP LOCKED`;

const skusOf = `SELECT DISTINCT sku_id AS "skuId" FROM offers WHERE offer_id = ANY($1::uuid[]) ORDER BY sku_id`;

const unhold = `UPDATE offers SET held_units = held_units - $2 WHERE offer_id = $1`;
const unholdClosed = `UPDATE offers SET held_units = held_units - $2, withdrawn_units = withdrawn_units + $2 WHERE offer_id = $1`;
const sellHeld = `UPDATE offers SET held_units = held_units - $2, sold_units = sold_units + $2 WHERE offer_id = $1`;
const sellFree = `UPDATE offers SET sold_units = sold_units + $2 WHERE offer_id = $1`;
const sellAllotted = `UPDATE offers SET supply_units = supply_units + $2, sold_units = sold_units + $2 WHERE offer_id = $1`;
const unsell = `UPDATE offers SET sold_units = sold_units - $2, withdrawn_units = withdrawn_units + $2 WHERE offer_id = $1`;

const payHeld = `
  UPDATE orders SET state = 'paid', payment_id = $2 WHERE order_id = $1 AND state = 'held' RETURNING order_id`;

const standing = `SELECT state, payment_id AS "paymentId" FROM orders WHERE order_id = $1`;

const beginRetake = `
  UPDATE orders SET retake_token = $2 WHERE order_id = $1 AND state = 'expired' RETURNING order_id`;

const payEnded = `
  UPDATE orders SET state = 'paid', payment_id = $3, retake_token = NULL, release_owed = false
  WHERE order_id = $1 AND state = 'expired' AND retake_token = $2 RETURNING right_id AS "rightId", buyer_id AS "buyerId"`;

/** Looked for under the order's lock, which whoever gives money back takes first: see `settleToRefund`. */
const moneyGoesBack = `SELECT FROM payments WHERE payment_id = $1 AND settlement = 'refund'`;

/** Of one offer, as its gate counts them, which leaves rights to limit themselves. Read under the offer's lock. */
const unitsOverLimit = `
  SELECT FROM offers f
  WHERE f.offer_id = $1 AND f.audience <> 'right' AND f.limit_units < (
    SELECT sum(l.units) FROM order_lines l JOIN orders o USING (order_id)
    WHERE l.offer_id = f.offer_id AND o.buyer_id = $2 AND o.state NOT IN ('expired', 'cancelled', 'abandoned'))`;

/** Keeps the right from being passed on until this transaction ends: what `orders_right_holds` is to a new order. */
const holdRight = `SELECT FROM rights_to_buy WHERE right_id = $1 AND person_id = $2 AND NOT passed_on FOR SHARE`;

const extendOnce = (column: string): string => `
  UPDATE orders SET pay_by = now() + $2 * interval '1 ms', ${column} = true
  WHERE order_id = $1 AND state = 'held' AND NOT ${column} AND pay_by < now() + $2 * interval '1 ms'`;
const extend = { begun: extendOnce('extended'), in_progress: extendOnce('extended_in_progress') };
const extended = {
  begun: { kind: 'hold-extended', reason: 'a payment began' },
  in_progress: { kind: 'hold-extended', reason: 'a payment is in progress' },
} as const;

/** Whose money is on its way, or has just arrived, when their hold runs out. */
const extendPaying = `
  UPDATE orders o SET pay_by = now() + $2 * interval '1 ms', extended_in_progress = true
  WHERE order_id = ANY($1::uuid[]) AND NOT extended_in_progress AND EXISTS (
    SELECT FROM payments p WHERE p.order_id = o.order_id
      AND (p.state = 'in_progress' OR (p.state = 'captured' AND p.settlement IS NULL)))
  RETURNING order_id AS "orderId", buyer_id AS "buyerId", room_id AS "roomId"`;

const deadline = `SELECT ${msOf('pay_by')} AS "payByMs" FROM orders WHERE order_id = $1 AND state = 'held'`;

const lockLines = `
  SELECT line_number AS "lineNumber", offer_id AS "offerId", units - returned_units AS "unitsLeft" FROM order_lines
  WHERE order_id = $1 ORDER BY line_number FOR UPDATE`;

const addReturn = `
  INSERT INTO order_returns (return_id, order_id, line_number, units) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`;

const returnLine = `
  UPDATE order_lines SET returned_units = returned_units + $3 WHERE order_id = $1 AND line_number = $2`;

const buyersOf = `
  SELECT DISTINCT o.buyer_id AS "buyerId" FROM order_lines l JOIN orders o USING (order_id)
  WHERE l.offer_id = $1 AND o.state <> 'abandoned' LIMIT $2`;

const system = (reason: string): Cause => ({ personId: null, reason });

type Line = { orderId: string; offerId: string; units: number };
type RightUse = { rightId: string | null; buyerId: string };
type LockedOffer = { offerId: string; skuId: string; state: string; epoch: number; rehearsal: boolean };

type States = Omit<OrderStore, 'insert' | 'findByKeys' | 'find' | 'areSoldOut' | 'rightIsUsed' | 'bury' | 'buriedOf'>;

/** What becomes of orders after they were held. Rows are locked in one order everywhere: SKUs, orders, offers; only a careful batch locks its offers first (order-batch.pg.ts). */
export function createOrderStates(db: Db, stock: Stock): States {
  return {
    cancel: (orderId, cause) =>
      stock.inTransaction(
        async (client, back) => (await endHolds(client, back, [orderId], 'cancelled', cause))[0] ?? null,
        { booked: 'behind' },
      ),

    due: (ordersPerStep) =>
      pages({
        first: ['-infinity', noId],
        keyOf: ({ payBy, orderId }) => [payBy, orderId],
        read: async (after, rows) => (await db.query<DueOrder>(due, [...after, rows])).rows,
        rowsPerPage: ordersPerStep,
      }),
    expire: (orderIds, extraMs) =>
      stock.inTransaction(
        async (client, back) => {
          await client.query(waitShortly);
          const locked = await client.query<{ orderId: string }>(lockDue, [orderIds]);
          const dueIds = locked.rows.map(({ orderId }) => orderId);
          const payingOrders = (await client.query<ExtendedOrder>(extendPaying, [dueIds, extraMs])).rows;
          const paying = new Set(payingOrders.map(({ orderId }) => orderId));
          await noteEvents(client, [...paying], extended.in_progress);
          const unpaidIds = dueIds.filter((orderId) => !paying.has(orderId));
          const ended = await endHolds(client, back, unpaidIds, 'expired', system('not paid in time'));
          return { ended, extended: payingOrders };
        },
        { booked: 'behind' },
      ),

    owingRelease: (ordersPerStep) =>
      pages({
        first: noId,
        keyOf: ({ orderId }) => orderId,
        read: async (after, rows) => (await db.query<EndedOrder>(owingRelease, [after, rows])).rows,
        rowsPerPage: ordersPerStep,
      }),
    async released(orderIds) {
      await db.query(released, [orderIds]);
    },

    pay: (orderId, paymentId) =>
      inTransaction(db, async (client) => {
        const paid = await client.query(payHeld, [orderId, paymentId]);
        if (paid.rows.length === 0) return standingOf(client, orderId, paymentId);
        const lines = await client.query<Line>(linesOf, [[orderId]]);
        await lockOffersOf(client, lines.rows);
        for (const { offerId, units } of lines.rows) await client.query(sellHeld, [offerId, units]);
        await noteEvents(client, [orderId], { kind: 'paid' });
        return 'paid';
      }),

    beginRetake: async (orderId, token) => (await db.query(beginRetake, [orderId, token])).rows.length > 0,

    async stockIsAtRest(offerIds) {
      const { rows } = await db.query<{ skuId: string }>(skusOf, [offerIds]);
      const skuIds = rows.map(({ skuId }) => skuId);
      return (await db.query(skusAtRest, [skuIds])).rowCount === skuIds.length;
    },

    finishRetake: (orderId, token, paymentId, epochs) =>
      inTransaction(db, async (client) => {
        const { rows: lines } = await client.query<Line>(linesOf, [[orderId]]);
        await lockStockOf(
          client,
          lines.filter(({ offerId }) => !epochs.has(offerId)),
        );
        const { rows } = await client.query<RightUse>(payEnded, [orderId, token, paymentId]);
        if (!rows[0]) throw new Undo('stale');
        if ((await client.query(moneyGoesBack, [paymentId])).rowCount !== 0) throw new Undo('short');
        // Somebody else has won what this right was for.
        if (!(await rightHolds(client, rows[0]))) throw new Undo('short');
        const offers = await lockOffersOf(client, lines);
        for (const line of lines) await sellAgain(client, { ...line, ...rows[0] }, offers.get(line.offerId)!, epochs);
        const reason = 'paid after the hold had ended; its units were taken again';
        await noteEvents(client, [orderId], { kind: 'paid', reason });
        return 'retaken' as const;
      }).catch((error: unknown) => {
        if (error instanceof Undo) return error.outcome;
        // The right to buy was used for another order meanwhile: these units are not for this one any more.
        if (violates(error, 'orders_right')) return 'short' as const;
        throw error;
      }),

    async extend(orderId, extraMs, payment) {
      await inTransaction(db, async (client) => {
        const { rowCount } = await client.query(extend[payment], [orderId, extraMs]);
        if (rowCount === 1) await noteEvents(client, [orderId], extended[payment]);
      });
      return (await db.query<{ payByMs: number }>(deadline, [orderId])).rows[0]?.payByMs ?? null;
    },

    returnUnits: (returnId, orderId, lines, { personId }) =>
      stock.inTransaction(async (client, back) => {
        const own = await client.query<{ lineNumber: number; offerId: string; unitsLeft: number }>(lockLines, [
          orderId,
        ]);
        const offers = await lockOffersOf(client, own.rows);
        for (const { lineNumber, offerId, unitsLeft } of own.rows) {
          const asked = lines.find((returned) => returned.lineNumber === lineNumber)?.units ?? 0;
          const units = Math.min(asked, unitsLeft);
          if (units === 0) continue;
          const added = await client.query(addReturn, [returnId, orderId, lineNumber, units]);
          if (added.rowCount === 0) continue;
          await client.query(returnLine, [orderId, lineNumber, units]);
          await client.query(unsell, [offerId, units]);
          await back.take({ skuId: offers.get(offerId)!.skuId, units, orderId, personId });
        }
      }),

    async buyersOf(offerId, buyersMax) {
      const { rows } = await db.query<{ buyerId: string }>(buyersOf, [offerId, buyersMax + 1]);
      return rows.length > buyersMax ? null : new Set(rows.map(({ buyerId }) => buyerId));
    },
  };

  /** Units of open offers become free there; those of closed offers go back into the stock. */
  async function endHolds(
    client: Queryable,
    back: UnitsBack,
    orderIds: readonly string[],
    state: 'expired' | 'cancelled',
    { personId, reason }: Cause,
  ): Promise<EndedOrder[]> {
    if (orderIds.length === 0) return [];
    const { rows: orders } = await client.query<Omit<EndedOrder, 'openOfferIds'>>(end, [orderIds, state]);
    const endedIds = orders.map(({ orderId }) => orderId);
    await noteEvents(client, endedIds, { kind: state, personId, reason });
    const { rows: lines } = await client.query<Line>(linesOf, [endedIds]);
    const offers = await lockOffersOf(client, lines);
    for (const [{ offerId, skuId, state: offerState, rehearsal }, units] of unitsPerOffer(lines, offers)) {
      await client.query(offerState === 'open' ? unhold : unholdClosed, [offerId, units]);
      if (offerState !== 'open' && !rehearsal) await back.give({ skuId, units, offerId });
    }
    const isOpen = ({ offerId }: Line): boolean => offers.get(offerId)!.state === 'open';
    return orders.map((order) => {
      const own = lines.filter((line) => line.orderId === order.orderId && isOpen(line));
      return { ...order, openOfferIds: own.map(({ offerId }) => offerId) };
    });
  }

  /** One after another in one order everywhere: two payments of the same two SKUs would wait for each other for ever. */
  async function lockStockOf(client: Queryable, lines: readonly Line[]): Promise<void> {
    const { rows } = await client.query<{ skuId: string }>(skusOf, [lines.map(({ offerId }) => offerId)]);
    for (const { skuId } of rows) await stock.lock(client, skuId);
  }

  async function sellAgain(
    client: Queryable,
    { offerId, units, buyerId }: Line & RightUse,
    offer: LockedOffer,
    epochs: ReadonlyMap<string, number>,
  ): Promise<void> {
    if (offer.state === 'open') {
      if (epochs.get(offerId) !== offer.epoch) throw new Undo('stale');
      await client.query(sellFree, [offerId, units]);
      return;
    }
    if (epochs.has(offerId)) throw new Undo('stale');
    // An offer that has ended has no gate any more that would know what else this buyer has of it.
    if ((await client.query(unitsOverLimit, [offerId, buyerId])).rowCount !== 0) throw new Undo('short');
    const { outcome } = await stock.allot(client, { skuId: offer.skuId, units, offerId });
    if (outcome === 'short') throw new Undo('short');
    await client.query(sellAllotted, [offerId, units]);
  }
}

/** Ends a transaction with an answer instead of a commit. */
class Undo extends Error {
  readonly outcome: 'short' | 'stale';

  constructor(outcome: 'short' | 'stale') {
    super(outcome);
    this.outcome = outcome;
  }
}

async function lockOffersOf(
  client: Queryable,
  lines: readonly { offerId: string }[],
): Promise<Map<string, LockedOffer>> {
  const offerIds = [...new Set(lines.map(({ offerId }) => offerId))];
  const { rows } = await client.query<LockedOffer>(lockOffers, [offerIds]);
  return new Map(rows.map((row) => [row.offerId, row]));
}

async function rightHolds(client: Queryable, { rightId, buyerId }: RightUse): Promise<boolean> {
  return rightId === null || (await client.query(holdRight, [rightId, buyerId])).rowCount === 1;
}

function unitsPerOffer(lines: readonly Line[], offers: ReadonlyMap<string, LockedOffer>): [LockedOffer, number][] {
  const sums = new Map<LockedOffer, number>();
  for (const { offerId, units } of lines) {
    const offer = offers.get(offerId)!;
    sums.set(offer, (sums.get(offer) ?? 0) + units);
  }
  return [...sums];
}

async function standingOf(
  client: Queryable,
  orderId: string,
  paymentId: string,
): Promise<'paid' | 'refund_needed' | 'retake' | null> {
  const { rows } = await client.query<{ state: OrderState; paymentId: string | null }>(standing, [orderId]);
  const order = rows[0];
  if (!order || order.state === 'abandoned') return null;
  // Whoever cancelled does not want it any more: only a hold that ran out is taken up again.
  if (order.state === 'expired') return 'retake';
  return order.paymentId === paymentId ? 'paid' : 'refund_needed';
}
