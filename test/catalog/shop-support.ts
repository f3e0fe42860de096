import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call } from '../support/app.ts';

export type Merchant = { session: Session; token: string; shopId: string };

/** An account with a shop. Prices are in euro cents unless said otherwise. */
export async function openShop(app: Pick<App, 'url'>, currency = 'EUR'): Promise<Merchant> {
  const session = await account(app);
  const token = session.accessToken;
  const shop = await call(app, 'PUT', '/api/shop', { token, body: { name: 'Kiln', currency } });
  return { session, token, shopId: shop.body.data.shopId };
}

let products = 0;

/** A product as a merchant would send it: two variants, 10 and 3 units. Each call has a handle and a key of its own. */
export function mug(changes: Record<string, unknown> = {}) {
  products += 1;
  return {
    requestKey: `mug-key-${products}`,
    handle: `mug-${products}`,
    title: { en: 'Mug', zh: '杯子' },
    description: { en: 'A mug.\nIt holds tea.', zh: '' },
    optionNames: ['Size'],
    skus: [
      { optionValues: ['Small'], code: 'M-S', priceMinor: 1_200, units: 10 },
      { optionValues: ['Large'], code: 'M-L', priceMinor: 1_500, compareAtMinor: 1_800, units: 3 },
    ],
    ...changes,
  };
}
