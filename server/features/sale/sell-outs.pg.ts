import type { Queryable } from '../../platform/postgres.ts';

const reopened = `UPDATE offers SET sell_out = sell_out + 1 WHERE offer_id = $1 AND state = 'open'`;

/** Waits for no row: a later call finds the same. In one order, like everything that locks several offers. */
const forSale = `
  UPDATE offers SET sell_out = sell_out + 1 WHERE offer_id IN (
    SELECT offer_id FROM offers
    WHERE offer_id = ANY($1::uuid[]) AND state = 'open' AND sell_out_told = sell_out
      AND held_units + sold_units + withdrawn_units < supply_units
    ORDER BY offer_id FOR UPDATE SKIP LOCKED)`;

/**
 * Numbers the sell-outs of an offer: a room is told of each number once. Only a gate knows whether units that came back are for everybody
 * or for somebody in line, so what it has left decides.
 */
export type SellOuts = {
  /** A gate that had nothing left has something. Also when that sell-out was never told, or is being told now: a number may be left out. */
  reopened(offerId: string): Promise<void>;
  /** Gates of these offers have something left. Makes up for a `reopened` that was lost. */
  forSale(offerIds: readonly string[]): Promise<void>;
};

export function createSellOuts(db: Queryable): SellOuts {
  return {
    async reopened(offerId) {
      await db.query(reopened, [offerId]);
    },
    async forSale(offerIds) {
      if (offerIds.length > 0) await db.query(forSale, [offerIds]);
    },
  };
}
