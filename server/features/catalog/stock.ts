import type { DbClient, Queryable } from '../../platform/postgres.ts';

/** A number of units of one SKU that moves between the shop's free stock and an offer. */
export type StockMove = { skuId: string; units: number; offerId: string };

/** Units that come back from a buyer, after a refund for example. */
export type StockReturn = { skuId: string; units: number; orderId: string; personId: string | null };

/**
 * The free stock of SKUs: what the shop has and no offer holds. Every change is one row of an append-only list.
 *
 * Stock and offer move together or not at all, so everything happens inside a transaction, which `client` stands for. Nobody ever waits
 * for a SKU's row, which an import may hold for half a minute, while an offer's row is locked: whoever takes units has the SKU's row
 * before it locks the offer's (`lock`), and whoever gives units back needs no row of the stock (`inTransaction`).
 */
export type Stock = {
  /** What is free of a SKU, whose row is locked until the transaction ends. @throws AppError NOT_FOUND when there is no such SKU. */
  lock(client: Queryable, skuId: string): Promise<{ freeUnits: number }>;
  /**
   * Takes `units` (at least 1) out of the free stock for an offer. `lock` the SKU first.
   *
   * @returns `short` with what is free, and changes nothing, when there are fewer.
   * @throws AppError NOT_FOUND when there is no such SKU, or it is archived.
   */
  allot(client: Queryable, move: StockMove): Promise<{ outcome: 'allotted' | 'short'; freeUnits: number }>;
  /**
   * Runs `work` in a transaction in which units may come back. From its commit on they are owed to the stock; whoever next has the SKU's
   * row books them before it looks at what is free. This call does so itself, where nobody else has the row; else it leaves it to them.
   *
   * @param options  `behind`: resolves at the commit, for whoever has units of other offers to give back, which nobody can buy until then.
   */
  inTransaction<T>(
    work: (client: DbClient, back: UnitsBack) => Promise<T>,
    options?: { booked: 'first' | 'behind' },
  ): Promise<T>;
  /** Books what is owed, but for SKUs whose rows somebody has. */
  bookOwed(): Promise<void>;
};

/** Units on their way back into the free stock. Waits for nobody. */
export type UnitsBack = {
  /** Unsold `units` of an offer; 0 does nothing. */
  give(move: StockMove): Promise<void>;
  /** `units` that a buyer sent back, or never got. */
  take(back: StockReturn): Promise<void>;
};
