import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Output } from '../../shared/protocol/index.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, guest, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';

type Numbers = Output<'room:numbers'>;

describe('what a show brings', { timeout: 40_000 }, () => {
  let app: App;
  /** A second gateway over the same databases. */
  let there: App;
  let host: Session;
  let roomId: string;
  let offerId: string;

  beforeAll(async () => {
    const stores = await freshStores();
    [app, there] = [await startTestApp(stores), await startTestApp(stores)];
    host = await account(app);
    const token = host.accessToken;
    const post = async (path: string, body: object) => (await call(app, 'POST', path, { token, body })).body.data;
    ({ roomId } = await post('/api/rooms', { title: 'Show' }));
    await post(`/api/rooms/${roomId}/start`, {});
    await call(app, 'PUT', '/api/shop', { token, body: { name: 'Shop', currency: 'EUR' } });
    const product = { title: { en: 'Tea' }, requestKey: 'product-0001', skus: [{ priceMinor: 1_000, units: 9 }] };
    const { skus } = await post(`/api/shops/${host.person.personId}/products`, product);
    const terms = { kind: 'cart', priceMinor: 1_000, allotmentUnits: 5, limitUnits: 2, requestKey: 'offer-000001' };
    ({ offerId } = await post(`/api/rooms/${roomId}/offers`, { skuId: skus[0].skuId, ...terms }));
    await post(`/api/rooms/${roomId}/offers/${offerId}/open`, {});
    await post(`/api/rooms/${roomId}/offers/${offerId}/pin`, {});
  });
  afterAll(() => Promise.all([app.close(), there.close()]));

  const look = (who: Session, { at = offerId, gateway = app } = {}) =>
    call(gateway, 'POST', `/api/rooms/${roomId}/offers/${at}/look`, { token: who.accessToken, body: {} });
  const numbers = async (query = '', gateway = app): Promise<Numbers> =>
    (await call(gateway, 'GET', `/api/rooms/${roomId}/numbers${query}`, { token: host.accessToken })).body.data;

  test('a person and a product count once, on whichever gateways, and a product of nowhere not at all', async () => {
    const [ana, bo] = [await guest(app), await guest(app)];
    const elsewhere = '01890000-0000-7000-8000-000000000000';

    for (const gateway of [app, there, app]) expect((await look(ana, { gateway })).body.data).toEqual({ noted: true });
    expect((await look(bo, { gateway: there })).body.data).toEqual({ noted: true });
    expect(await look(ana, { at: elsewhere })).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });

    const { products } = await eventually(async () => {
      const now = await numbers();
      return now.products[0]?.looks === 2 && now;
    });
    expect((await numbers('', there)).products).toEqual(products);
    expect(products).toEqual([{ offerId, looks: 2, orders: 0, soldUnits: 0, netMinor: 0 }]);
    expect(await app.platform.redis.commands.keys(`*${elsewhere}*`)).toEqual([]);
  });

  test('an order is in the totals, in the sales and at its product; the pin is a mark', async () => {
    const { accessToken: token } = await account(app);
    const body = { lines: [{ offerId, units: 2, priceMinor: 1_000 }], requestKey: 'buy-00000001' };
    const bought = await call(there, 'POST', `/api/rooms/${roomId}/purchases`, { token, body });
    expect(bought.body.data.outcome).toBe('held');

    const { totals, sales, products, marks } = await eventually(async () => {
      const now = await numbers();
      return now.totals.orders === 1 && now.marks.length === 1 && now;
    });
    // Held, and not paid: an order, and no money yet.
    expect(totals).toEqual({
      orders: 1,
      paidOrders: 0,
      buyers: 0,
      soldUnits: 0,
      grossMinor: 0,
      netMinor: 0,
      currency: 'EUR',
    });
    expect(sales).toEqual([{ atMs: expect.any(Number), orders: 1, grossMinor: 0 }]);
    expect(products[0]).toMatchObject({ orders: 1, soldUnits: 0 });
    expect(marks).toMatchObject([{ what: 'pin', itemNumber: 1 }]);
  });

  test('points are taken while the show is on, with what is left of the pinned product, and can be read from a moment on', async () => {
    const { points } = await eventually(
      async () => {
        const now = await numbers();
        return now.points.length > 0 && now;
      },
      { deadlineMs: 25_000 },
    );

    const [first] = points;
    expect(first).toMatchObject({ likes: 0, unitsLeft: { [offerId]: expect.any(Number) } });
    expect(first!.atMs % 10_000).toBe(0);
    // Both processes take them; a moment has one.
    const moments = points.map(({ atMs }) => atMs);
    expect(new Set(moments).size).toBe(moments.length);
    expect((await numbers(`?afterMs=${points.at(-1)!.atMs}`)).points).toEqual([]);
  });

  test('only the host and their assistants read them', async () => {
    const { status } = await call(app, 'GET', `/api/rooms/${roomId}/numbers`, {
      token: (await account(app)).accessToken,
    });
    expect(status).toBe(403);
  });

  test('lists of rooms say what is shown', async () => {
    const { rooms } = (await call(app, 'GET', '/api/rooms?which=live')).body.data;
    expect(rooms[0].pinned).toEqual({ title: { en: 'Tea', zh: '' }, imageUrl: '', priceMinor: 1_000, currency: 'EUR' });
  });
});
