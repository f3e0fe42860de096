import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { call, freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { addProduct, buyPatiently, createOffer, data, hold, openOffer, openShopFloor } from './shop-floor.ts';

let app: App;
beforeAll(async () => {
  app = await startTestApp(await freshStores());
});
afterAll(() => app.close());

test('a rehearsal sells a copy of the stock: everything works, nothing moves, nobody pays, nothing is left', async () => {
  const floor = await openShopFloor(app);
  const { host, token } = floor;
  const skuId = await addProduct(app, host, { units: 5, priceMinor: 1_000 });
  const room = await data(app, 'POST', '/api/rooms', token, { title: 'Dry run', rehearsal: true });
  const stage = { ...floor, roomId: room.roomId, skuId };
  await data(app, 'POST', `/api/rooms/${room.roomId}/start`, token, {});
  const movements = () =>
    app.platform.db.query(
      'SELECT free_units, (SELECT count(*)::int FROM stock_movements m WHERE m.sku_id = skus.sku_id) AS moves FROM skus WHERE sku_id = $1',
      [skuId],
    );
  const before = (await movements()).rows;

  const offer = await openOffer(app, stage, { allotmentUnits: 4, limitUnits: 3, priceMinor: 1 });
  const tooMany = await createOffer(app, stage, { allotmentUnits: 2, priceMinor: 1 });
  const opened = await data(app, 'POST', `/api/rooms/${room.roomId}/offers/${tooMany.offerId}/open`, token, {});
  const order = await hold(app, stage, host, { offerId: offer.offerId, units: 3 });
  const overLimit = await buyPatiently(app, stage, host, { offerId: offer.offerId, units: 1 });
  // What an order is does not hang on what the room says later.
  await app.platform.db.query('UPDATE rooms SET rehearsal = false WHERE room_id = $1', [room.roomId]);
  const own = await data(app, 'GET', '/api/orders', token);
  const ofShop = await data(app, 'GET', `/api/shops/${host.person.personId}/orders`, token);
  const csv = await call(app, 'GET', `/api/shops/${host.person.personId}/orders.csv`, { token });
  const payment = await data(app, 'POST', `/api/orders/${order.orderId}/payments`, token, {});

  expect(opened).toMatchObject({ outcome: 'short', freeUnits: 1 });
  expect(overLimit.outcome).toBe('limit');
  expect(own.orders).toMatchObject([{ orderId: order.orderId, rehearsal: true }]);
  expect(ofShop.orders).toEqual([]);
  expect(csv.body).not.toContain(order.orderId);
  expect(payment).toEqual({ outcome: 'rehearsal' });
  await app.platform.db.query('UPDATE rooms SET rehearsal = true WHERE room_id = $1', [room.roomId]);

  await data(app, 'POST', `/api/rooms/${room.roomId}/end`, token, {});
  await eventually(async () => (await data(app, 'GET', `/api/orders/${order.orderId}`, token)).state === 'cancelled');
  expect((await movements()).rows).toEqual(before);

  const real = await openOffer(app, { ...floor, skuId }, { skuId, allotmentUnits: 5, priceMinor: 900 });
  expect(real.lowestPriceMinor).toBe(1_000);
});

test('opening an offer again answers what is free of its stock', async () => {
  const floor = await openShopFloor(app, { units: 7 });
  const { offerId } = await openOffer(app, floor, { allotmentUnits: 4 });

  const again = await data(app, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/open`, floor.token, {});

  expect(again).toMatchObject({ outcome: 'opened', freeUnits: 3 });
});
