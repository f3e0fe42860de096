import type { Queryable } from '../../platform/postgres.ts';

/** A number of units of one SKU that moves between the shop's free stock and an offer. */
export type StockMove = { skuId: string; units: number; offerId: string };

/** Units that come back from a buyer, after a refund for example. */
export type StockReturn = { skuId: string; units: number; orderId: string; personId: string | null };

/**
 * The free stock of SKUs: what the shop has and no offer holds. Every change is one row of an append-only list.
 *
 * All verbs run inside the caller's transaction and take `client` for it, so that stock and offer move together or not
 * at all. They lock the SKU's row until that transaction ends: lock the offer's row first, the SKU's after it.
 */
export type Stock = {
  /**
   * Takes `units` (at least 1) out of the free stock for an offer.
   *
   * @returns `short` with what is free, and changes nothing, when there are fewer.
   * @throws AppError NOT_FOUND when there is no such SKU, or it is archived.
   */
  allot(client: Queryable, move: StockMove): Promise<{ outcome: 'allotted' | 'short'; freeUnits: number }>;
  /** What is free; its row stays locked. @throws AppError NOT_FOUND when there is no such SKU. */
  look(client: Queryable, skuId: string): Promise<{ freeUnits: number }>;
  /** Gives unsold `units` of an offer (0 does nothing) back to the free stock. */
  giveBack(client: Queryable, move: StockMove): Promise<{ freeUnits: number }>;
  /** Puts `units` that a buyer sent back, or never got, into the free stock. */
  takeBack(client: Queryable, back: StockReturn): Promise<{ freeUnits: number }>;
};
