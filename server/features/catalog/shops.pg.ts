import type { Shop } from '../../../shared/protocol/catalog.ts';
import type { Queryable } from '../../platform/postgres.ts';

const columns = `
  shop_id AS "shopId", name, currency, jsonb_build_object('en', terms_en, 'zh', terms_zh) AS terms`;

/** The currency is only written once: prices, orders and the ledger rely on it. */
const upsert = `
  INSERT INTO shops (shop_id, name, currency, terms_en, terms_zh) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (shop_id) DO UPDATE SET name = $2, terms_en = $4, terms_zh = $5
  RETURNING ${columns}`;

export type ShopStore = ReturnType<typeof createShopStore>;

export function createShopStore(db: Queryable) {
  return {
    /** Answers the shop as it is then; its currency is the old one when there was a shop. */
    async put({ shopId, name, currency, terms }: Shop): Promise<Shop> {
      const { rows } = await db.query<Shop>(upsert, [shopId, name, currency, terms.en, terms.zh]);
      return rows[0]!;
    },
    async find(shopId: string): Promise<Shop | null> {
      const { rows } = await db.query<Shop>(`SELECT ${columns} FROM shops WHERE shop_id = $1`, [shopId]);
      return rows[0] ?? null;
    },
  };
}
