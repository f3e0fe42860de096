import type { Queryable } from '../../platform/postgres.ts';
import type { SellOuts } from './sell-outs.ts';

const reopened = `UPDATE offers SET sell_out = sell_out + 1 WHERE offer_id = $1 AND state = 'open'`;

/** Waits for no row: a later call finds the same. In one order, like everything that locks several offers. */
const forSale = `
  UPDATE offers SET sell_out = sell_out + 1 WHERE offer_id IN (
    SELECT offer_id FROM offers
    WHERE offer_id = ANY($1::uuid[]) AND state = 'open' AND sell_out_told = sell_out
      AND held_units + sold_units + withdrawn_units < supply_units
    ORDER BY offer_id FOR UPDATE SKIP LOCKED)`;

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
