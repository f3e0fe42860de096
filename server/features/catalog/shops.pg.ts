import { AppError } from '../../../shared/errors.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';
import { correctCurrency } from './shop-currency.pg.ts';

const columns = `
  shop_id AS "shopId", name, currency, jsonb_build_object('en', terms_en, 'zh', terms_zh) AS terms`;

/** Leaves the currency alone: shop-currency.pg.ts says when it may change. */
const upsert = `
  INSERT INTO shops (shop_id, name, currency, terms_en, terms_zh) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (shop_id) DO UPDATE SET name = $2, terms_en = $4, terms_zh = $5
  RETURNING ${columns}`;

export type ShopStore = ReturnType<typeof createShopStore>;

export function createShopStore(db: Db) {
  return {
    /** Answers the shop as it is then. @throws AppError CONFLICT when its currency can't be this one. */
    put: (shop: Shop): Promise<Shop> =>
      inTransaction(db, async (client) => {
        const { shopId, name, currency, terms } = shop;
        await correctCurrency(client, shop);
        const { rows } = await client.query<Shop>(upsert, [shopId, name, currency, terms.en, terms.zh]);
        // Two first calls at once: the other one was first.
        if (rows[0]!.currency !== currency)
          throw new AppError('CONFLICT', `This shop is run in ${rows[0]!.currency}.`, { reason: 'currency-fixed' });
        return rows[0]!;
      }),
    async find(shopId: string): Promise<Shop | null> {
      const { rows } = await db.query<Shop>(`SELECT ${columns} FROM shops WHERE shop_id = $1`, [shopId]);
      return rows[0] ?? null;
    },
  };
}
