import type { Queryable } from '../../platform/postgres.ts';

/** What became of won rights to buy, asked where the orders are. */
export type RightUses = {
  /**
   * Of the rights that an order uses: `held` while it is not paid, `bought` from then on, also when its money went back later.
   * Runs inside the caller's transaction; whoever holds the lock on a right's row knows that no order is being written with it.
   */
  of(client: Queryable, rightIds: readonly string[]): Promise<Map<string, 'held' | 'bought'>>;
};
