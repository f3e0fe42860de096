import { noId, pages } from '../../platform/pages.ts';
import { msOf, inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';
import type { Claim, GateTerms, Waiter } from './gate.ts';
import { noLimitUnits, type GateSource, type LockedLedger, type OfferCounters } from './gate-source.ts';

const waitForLock = `SELECT true AS locked FROM pg_advisory_xact_lock(hashtextextended('nightmarket:gate:' || $1, 0))`;
const tryLock = `SELECT pg_try_advisory_xact_lock(hashtextextended('nightmarket:gate:' || $1, 0)) AS locked`;

/** Redis is asked with the row locked: a process that is stopped there would keep all orders of the offer waiting. */
export const loseWhenAsleep = `SET LOCAL idle_in_transaction_session_timeout = '2s'`;

const counterColumns = `
  epoch, supply_units AS "supplyUnits", held_units AS "heldUnits", sold_units AS "soldUnits", withdrawn_units AS "withdrawnUnits"`;
const lockOffer = `SELECT ${counterColumns} FROM offers WHERE offer_id = $1 AND state = 'open' FOR UPDATE`;
const counters = `
  SELECT offer_id AS "offerId", xmin::text AS version, ${counterColumns}
  FROM offers WHERE offer_id = ANY($1::uuid[]) AND state = 'open'`;

const raiseEpoch = `
  UPDATE offers SET epoch = nextval('offer_epochs') WHERE offer_id = $1
  RETURNING offer_id AS "offerId", room_id AS "roomId", epoch, CASE audience WHEN 'right' THEN ${noLimitUnits} ELSE limit_units END AS "limitUnits", ${msOf('opens_at')} AS "opensAtMs",
    ${msOf('closes_at')} AS "closesAtMs", supply_units - held_units - sold_units - withdrawn_units AS "freeUnits"`;

/** What a buyer sent back still counts for their limit, as at a gate that was not loaded since. */
const ordersPage = `
  SELECT o.order_id AS "orderId", o.buyer_id AS "buyerId", o.request_key AS "requestKey", o.request_hash AS "requestHash",
    CASE WHEN o.state IN ('expired', 'cancelled') THEN 0 ELSE l.units END AS units
  FROM order_lines l JOIN orders o USING (order_id)
  WHERE l.offer_id = $1 AND l.order_id > $2 AND o.state <> 'abandoned'
  ORDER BY l.order_id LIMIT $3`;

const waitersPage = `
  SELECT ticket, person_id AS "personId", units FROM offer_waiters
  WHERE offer_id = $1 AND ticket > $2 AND state = 'waiting' ORDER BY ticket LIMIT $3`;

const known = `SELECT order_id AS "orderId" FROM orders WHERE order_id = ANY($1::uuid[])`;

/** Rows one step reads and one script call loads: bounded by the arguments a Lua call may unpack. */
const rowsPerPage = 1_000;

export function createGateSource(db: Db): GateSource {
  return {
    async counters(offerIds) {
      type Row = OfferCounters & { offerId: string; version: string };
      const { rows } = await db.query<Row>(counters, [offerIds]);
      return new Map(rows.map(({ offerId, ...found }) => [offerId, found]));
    },
    async known(orderIds) {
      const { rows } = await db.query<{ orderId: string }>(known, [orderIds]);
      return new Set(rows.map(({ orderId }) => orderId));
    },
    whileLocked: ({ offerId }, work, { wait } = { wait: false }) =>
      inTransaction(db, async (client) => {
        await client.query(loseWhenAsleep);
        const { rows: locks } = await client.query<{ locked: boolean }>(wait ? waitForLock : tryLock, [offerId]);
        if (!locks[0]?.locked) return null;
        const { rows } = await client.query<OfferCounters>(lockOffer, [offerId]);
        return rows[0] ? work(rows[0], lockedLedger(client, offerId)) : null;
      }),
  };
}

function lockedLedger(client: DbClient, offerId: string): LockedLedger {
  return {
    async raiseEpoch() {
      return (await client.query<GateTerms & { freeUnits: number }>(raiseEpoch, [offerId])).rows[0]!;
    },
    orders: () =>
      pages({
        first: noId,
        keyOf: ({ orderId }) => orderId,
        read: async (after, rows) =>
          (await client.query<Claim & { units: number }>(ordersPage, [offerId, after, rows])).rows,
        rowsPerPage,
      }),
    waiters: () =>
      pages({
        first: 0,
        keyOf: ({ ticket }) => ticket,
        read: async (after, rows) =>
          (await client.query<Waiter & { ticket: number }>(waitersPage, [offerId, after, rows])).rows,
        rowsPerPage,
      }),
  };
}
