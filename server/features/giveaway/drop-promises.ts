import type { Queryable } from '../../platform/postgres.ts';

/** What raffle drops have promised to those who won, or may still win. Asked before an offer changes or ends. */
export type DropPromises = {
  /**
   * Units of an offer that winners may still buy: all prizes of a drop that is not drawn, afterwards those that somebody has or
   * may get and has not paid for. An order that is held keeps its units promised: it may end, and the right lives on.
   * Whoever holds the lock on the offer's row knows that no drop is being published on it.
   */
  unitsOf(client: Queryable, offer: { roomId: string; offerId: string }): Promise<number>;
};
