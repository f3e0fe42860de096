import { newId } from '../../../shared/ids.ts';
import type { ShippingRate } from '../../../shared/protocol/order.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';

const list = `
  SELECT rate_id AS "rateId", jsonb_build_object('en', name_en, 'zh', name_zh) AS name, fee_minor AS "feeMinor",
    free_from_minor AS "freeFromMinor", countries
  FROM shipping_rates WHERE shop_id = $1 ORDER BY position`;
const lockShop = `SELECT FROM shops WHERE shop_id = $1 FOR UPDATE`;
const insert = `
  INSERT INTO shipping_rates (rate_id, shop_id, position, name_en, name_zh, fee_minor, free_from_minor, countries)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

export type ShippingRates = ReturnType<typeof createShippingRates>;

/** The flat fees of shops. */
export function createShippingRates(db: Db) {
  return {
    async list(shopId: string): Promise<ShippingRate[]> {
      return (await db.query<ShippingRate>(list, [shopId])).rows;
    },
    replace: (shopId: string, rates: readonly Omit<ShippingRate, 'rateId'>[]): Promise<ShippingRate[]> =>
      inTransaction(db, async (client) => {
        await client.query(lockShop, [shopId]);
        await client.query(`DELETE FROM shipping_rates WHERE shop_id = $1`, [shopId]);
        for (const [index, { name, feeMinor, freeFromMinor, countries }] of rates.entries()) {
          const values = [newId(), shopId, index + 1, name.en, name.zh, feeMinor, freeFromMinor, countries];
          await client.query(insert, values);
        }
        return (await client.query<ShippingRate>(list, [shopId])).rows;
      }),
  };
}
