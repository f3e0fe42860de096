import { AppError } from '../../../shared/errors.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { Stock } from './stock.ts';

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

const lockSku = `SELECT free_units AS "freeUnits", archived_at IS NOT NULL AS archived FROM skus WHERE sku_id = $1 FOR UPDATE`;

/** Held units are among them: they are not paid for. A rehearsal sells a copy. */
const unsold = `
  SELECT sku_id AS "skuId", sum(supply_units - sold_units - withdrawn_units)::int AS units FROM offers
  WHERE sku_id = ANY($1::uuid[]) AND NOT rehearsal GROUP BY sku_id`;

/** Units that offers have of these SKUs and nobody has paid, by SKU. */
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
  const { rows } = await client.query<{ freeUnits: number; archived: boolean }>(lockSku, [skuId]);
  if (!rows[0]) throw new AppError('NOT_FOUND', `There is no SKU ${skuId}.`);
  return rows[0];
}

export function createStock(): Stock {
  return {
    async allot(client, { skuId, units, offerId }) {
      const { freeUnits, archived } = await lockFreeUnits(client, skuId);
      if (archived) throw new AppError('NOT_FOUND', `The SKU ${skuId} is archived.`);
      if (freeUnits < units) return { outcome: 'short', freeUnits };
      return {
        outcome: 'allotted',
        ...(await add(client, { skuId, deltaUnits: -units, reason: 'allotted', offerId })),
      };
    },
    look: lockFreeUnits,
    giveBack: (client, { skuId, units, offerId }) =>
      add(client, { skuId, deltaUnits: units, reason: 'given_back', offerId }),
    takeBack: (client, { skuId, units, orderId, personId }) =>
      add(client, { skuId, deltaUnits: units, reason: 'returned', orderId, personId }),
  };
}

async function add(client: Queryable, movement: Movement): Promise<{ freeUnits: number }> {
  const { freeUnits } = await lockFreeUnits(client, movement.skuId);
  if (movement.deltaUnits === 0) return { freeUnits };
  const moved = await moveStock(client, movement);
  if (!moved) throw new Error(`stock of ${movement.skuId} moved below zero under its lock`);
  return moved;
}
