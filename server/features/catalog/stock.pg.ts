import { AppError } from '../../../shared/errors.ts';
import { isThere } from '../../platform/due-work.ts';
import { noId, pages } from '../../platform/pages.ts';
import { inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';
import type { Stock, StockMove, StockReturn } from './stock.ts';

export type MovementReason =
  | 'initial'
  | 'received'
  | 'correction'
  | 'damaged'
  | 'lost'
  | 'gift'
  | 'imported'
  | 'allotted'
  | 'given_back'
  | 'returned';

/** One change of a SKU's free stock. `deltaUnits` is positive when units come in. */
export type Movement = {
  skuId: string;
  deltaUnits: number;
  reason: MovementReason;
  note?: string;
  personId?: string | null;
  offerId?: string;
  orderId?: string;
  requestKey?: string;
};

/** Moves the counter and writes the row in one statement; no row comes back when units would become negative. */
const move = `
  WITH moved AS (
    UPDATE skus SET free_units = free_units + $2::int
    WHERE sku_id = $1 AND free_units + $2::int >= 0 RETURNING sku_id, free_units
  )
  INSERT INTO stock_movements (sku_id, delta_units, free_units, reason, note, person_id, offer_id, order_id, request_key)
  SELECT sku_id, $2::int, free_units, $3, $4, $5, $6, $7, $8 FROM moved
  RETURNING free_units AS "freeUnits"`;

const lockSku = `SELECT archived_at IS NOT NULL AS archived FROM skus WHERE sku_id = $1 FOR UPDATE`;
const lockIdle = `SELECT sku_id AS "skuId" FROM skus WHERE sku_id = ANY($1::uuid[]) ORDER BY sku_id FOR UPDATE SKIP LOCKED`;
/** After its row is locked, or what came while somebody else had it would be missed. */
const look = `
  SELECT free_units AS "freeUnits", EXISTS (SELECT FROM stock_owed WHERE sku_id = $1) AS "isOwed" FROM skus WHERE sku_id = $1`;

const owe = `INSERT INTO stock_owed (sku_id, units, reason, person_id, offer_id, order_id) VALUES ($1, $2, $3, $4, $5, $6)`;
const owed = `SELECT DISTINCT sku_id AS "skuId" FROM stock_owed WHERE sku_id > $1 ORDER BY sku_id LIMIT $2`;
/** Of SKUs whose rows are locked: a statement of its own, which sees everything that was committed before they were. */
const book = `
  WITH due AS (
    DELETE FROM stock_owed WHERE sku_id = ANY($1::uuid[]) RETURNING *
  ), moved AS (
    UPDATE skus SET free_units = free_units + sums.units
    FROM (SELECT sku_id, sum(units)::int AS units FROM due GROUP BY sku_id) sums
    WHERE skus.sku_id = sums.sku_id RETURNING skus.sku_id, free_units - sums.units AS units_before
  )
  INSERT INTO stock_movements (sku_id, delta_units, free_units, reason, person_id, offer_id, order_id)
  SELECT sku_id, units, units_before + sum(units) OVER (PARTITION BY sku_id ORDER BY owed_id), reason, person_id, offer_id, order_id
  FROM due JOIN moved USING (sku_id) ORDER BY owed_id`;

/**
 * Held units are among them: they are not paid for. A rehearsal sells a copy. In one statement, for units that go back leave the one list
 * for the other at any moment.
 */
const unsold = `
  SELECT sku_id AS "skuId", sum(units)::int AS units FROM (
    SELECT sku_id, supply_units - sold_units - withdrawn_units AS units FROM offers WHERE NOT rehearsal
    UNION ALL SELECT sku_id, units FROM stock_owed) of
  WHERE sku_id = ANY($1::uuid[]) GROUP BY sku_id`;

/** Units that offers have of these SKUs and nobody has paid, by SKU; also those on their way back. */
export async function unsoldInOffers(db: Queryable, skuIds: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await db.query<{ skuId: string; units: number }>(unsold, [skuIds]);
  return new Map(rows.map(({ skuId, units }) => [skuId, units]));
}

/** Moves the free stock of one SKU. Null, and nothing changed, when there are fewer units than it takes. */
export async function moveStock(client: Queryable, movement: Movement): Promise<{ freeUnits: number } | null> {
  const { skuId, deltaUnits, reason, note = '', personId = null, offerId, orderId, requestKey } = movement;
  const { rows } = await client.query<{ freeUnits: number }>(move, [
    skuId,
    deltaUnits,
    reason,
    note,
    personId,
    offerId ?? null,
    orderId ?? null,
    requestKey ?? null,
  ]);
  return rows[0] ?? null;
}

/** What is free of a SKU, its row locked until the transaction ends. @throws AppError NOT_FOUND. */
export async function lockFreeUnits(
  client: Queryable,
  skuId: string,
): Promise<{ freeUnits: number; archived: boolean }> {
  const { rows } = await client.query<{ archived: boolean }>(lockSku, [skuId]);
  if (!rows[0]) throw new AppError('NOT_FOUND', `There is no SKU ${skuId}.`);
  const { archived } = rows[0];
  const seen = await lookAt(client, skuId);
  if (!seen.isOwed) return { freeUnits: seen.freeUnits, archived };
  await client.query(book, [[skuId]]);
  return { freeUnits: (await lookAt(client, skuId)).freeUnits, archived };
}

const lookAt = async (client: Queryable, skuId: string): Promise<{ freeUnits: number; isOwed: boolean }> =>
  (await client.query<{ freeUnits: number; isOwed: boolean }>(look, [skuId])).rows[0]!;

/** Units on their way back to the stock. */
export const someUnitsAreOwed = isThere(`SELECT 1 FROM stock_owed ORDER BY sku_id`);

/** SKUs whose owed units are booked in one transaction. */
const skusPerBooking = 100;

/** @param onFailure  what is owed could not be booked; it still is owed. */
export function createStock(db: Db, onFailure: (error: unknown) => void): Stock {
  return {
    lock: lockFreeUnits,
    async allot(client, { skuId, units, offerId }) {
      const { freeUnits, archived } = await lockFreeUnits(client, skuId);
      if (archived) throw new AppError('NOT_FOUND', `The SKU ${skuId} is archived.`);
      if (freeUnits < units) return { outcome: 'short', freeUnits };
      const moved = await moveStock(client, { skuId, deltaUnits: -units, reason: 'allotted', offerId });
      if (!moved) throw new Error(`stock of ${skuId} moved below zero under its lock`);
      return { outcome: 'allotted', ...moved };
    },
    async inTransaction(work, { booked } = { booked: 'first' }) {
      const skuIds = new Set<string>();
      const result = await inTransaction(db, (client) => work(client, unitsBack(client, skuIds)));
      const booking = skuIds.size > 0 ? bookIdle([...skuIds]).catch(onFailure) : undefined;
      if (booked === 'first') await booking;
      return result;
    },
    async bookOwed() {
      const read = async (after: string, rows: number) =>
        (await db.query<{ skuId: string }>(owed, [after, rows])).rows.map(({ skuId }) => skuId);
      const some = pages({ first: noId, keyOf: (skuId) => skuId, read, rowsPerPage: skusPerBooking });
      for await (const skuIds of some) await bookIdle(skuIds);
    },
  };

  async function bookIdle(skuIds: readonly string[]): Promise<void> {
    await inTransaction(db, async (client) => {
      const { rows } = await client.query<{ skuId: string }>(lockIdle, [skuIds]);
      if (rows.length > 0) await client.query(book, [rows.map(({ skuId }) => skuId)]);
    });
  }
}

/** @param skuIds  is given the SKUs that have something coming. */
function unitsBack(client: Queryable, skuIds: Set<string>) {
  return {
    async give({ skuId, units, offerId }: StockMove): Promise<void> {
      if (units === 0) return;
      await client.query(owe, [skuId, units, 'given_back', null, offerId, null]);
      skuIds.add(skuId);
    },
    async take({ skuId, units, orderId, personId }: StockReturn): Promise<void> {
      await client.query(owe, [skuId, units, 'returned', personId, null, orderId]);
      skuIds.add(skuId);
    },
  };
}
