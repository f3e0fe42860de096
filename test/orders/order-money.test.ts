import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Order } from '../../shared/protocol/order.ts';
import type { Offer } from '../../shared/protocol/offer.ts';
import { call, freshStores, quickAccount, startTestApp } from '../support/app.ts';
import { addProduct, buyPatiently, newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import { atPayPage, chooseDelivery, data, moneyOf, orderIs, startPayment, type Buyer } from '../payments/till.ts';

/*
 * Whatever is bought, sent and given back: an order costs its units at their prices and the fee of its delivery, that sum is asked
 * for and booked, and refunds however they follow each other give back all of it and never more.
 */
let app: App;
let floor: ShopFloor;
const offers: Offer[] = [];
const prices = [0, 1, 799, 1_999, 100_000_000];
const feeMinor = 450;
const freeFromMinor = 2_000;

beforeAll(async () => {
  app = await startTestApp(await freshStores());
  floor = await openShopFloor(app);
  const rate = { name: { en: 'Parcel', zh: '包裹' }, feeMinor, freeFromMinor, countries: ['PT'] };
  await data(app, 'PUT', `/api/shops/${floor.host.person.personId}/shipping`, floor.token, { rates: [rate] });
  for (const priceMinor of prices) {
    const skuId = await addProduct(app, floor.host, { units: 500 });
    offers.push(await openOffer(app, floor, { skuId, priceMinor, allotmentUnits: 500 }));
  }
});
afterAll(() => app.close());

const basket = fc.uniqueArray(
  fc.record({ offer: fc.nat({ max: prices.length - 1 }), units: fc.integer({ min: 1, max: 9 }) }),
  { selector: ({ offer }) => offer, minLength: 1, maxLength: prices.length },
);
const refund = fc.record({
  lines: fc.option(
    fc.uniqueArray(fc.record({ lineNumber: fc.integer({ min: 1, max: 3 }), units: fc.integer({ min: 1, max: 5 }) }), {
      selector: ({ lineNumber }) => lineNumber,
      minLength: 1,
    }),
    { nil: undefined },
  ),
  withShipping: fc.boolean(),
});

test('an order costs what its lines and its delivery do, and refunds give back exactly that', async () => {
  const shipping = (await data(app, 'GET', `/api/shops/${floor.host.person.personId}/shipping`, floor.token)).rates;
  await fc.assert(
    fc.asyncProperty(basket, fc.array(refund, { maxLength: 3 }), async (bought, refunds) => {
      const goodsMinor = bought.reduce((total, { offer, units }) => total + units * prices[offer]!, 0);
      const totalMinor = goodsMinor + (goodsMinor >= freeFromMinor ? 0 : feeMinor);
      const buyer = await buy(bought);
      const { order } = await chooseDelivery(app, buyer.token, buyer.orderId, shipping[0].rateId);
      expect(order).toMatchObject({ goodsMinor, totalMinor });
      const payment = await startPayment(app, buyer);
      expect(payment.amountMinor).toBe(totalMinor);
      await atPayPage(app, payment.payUrl!, {});
      expect(await orderIs(app, buyer, 'paid')).toMatchObject({ totalMinor });

      for (const wish of refunds) {
        const { refundedMinor, refunds: done } = await giveBack(buyer, wish);
        expect(done.reduce((sum, { amountMinor }) => sum + amountMinor, 0)).toBe(refundedMinor);
        expect(refundedMinor).toBeLessThanOrEqual(totalMinor);
      }
      expect(await giveBack(buyer, {})).toMatchObject({ state: 'refunded', refundedMinor: totalMinor });
      expect(Object.values(await moneyOf(app)).reduce((sum, minor) => sum + minor, 0)).toBe(0);
    }),
    {
      numRuns: 8,
      examples: [[[{ offer: 1, units: 2 }], [{ lines: [{ lineNumber: 1, units: 2 }], withShipping: false }]]],
    },
  );
}, 60_000);

async function buy(bought: readonly { offer: number; units: number }[]): Promise<Buyer> {
  const session = await quickAccount(app);
  const lines = bought.map(({ offer, units }) => ({ offerId: offers[offer]!.offerId, units }));
  const answer = await buyPatiently(app, floor, session, lines);
  if (answer.outcome !== 'held') throw new Error(`not held: ${answer.outcome}`);
  return { session, token: session.accessToken, orderId: answer.order.orderId };
}

/** What the order is after it; a refund of units that are not there changes nothing. */
async function giveBack({ orderId, token }: Buyer, wish: object): Promise<Order> {
  const body = { reason: 'chipped', restock: false, requestKey: newKey(), ...wish };
  await call(app, 'POST', `/api/orders/${orderId}/refunds`, { token: floor.token, body });
  return data(app, 'GET', `/api/orders/${orderId}`, token);
}
