import type { Localized } from '../../../shared/protocol/catalog.ts';
import type { ShippingRate } from '../../../shared/protocol/order.ts';

export type DeliveryChoice = { rateId: string | null; name: Localized; shippingMinor: number };

/** How a shop without a table of fees sends. */
const free: DeliveryChoice = { rateId: null, name: { en: 'Standard', zh: '标准配送' }, shippingMinor: 0 };

/** The ways an order of `goodsMinor` can go to a country, and what each costs now. Empty: it is not sent there. */
export function deliveryChoices(rates: readonly ShippingRate[], country: string, goodsMinor: number): DeliveryChoice[] {
  if (rates.length === 0) return [free];
  return rates
    .filter(({ countries }) => countries.length === 0 || countries.includes(country))
    .map(({ rateId, name, feeMinor, freeFromMinor }) => ({
      rateId,
      name,
      shippingMinor: freeFromMinor !== null && goodsMinor >= freeFromMinor ? 0 : feeMinor,
    }));
}
