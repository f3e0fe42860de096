import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createOrderReads } from '../../server/features/orders/order-reads.pg.ts';
import type { Queryable } from '../../server/platform/postgres.ts';
import { newId } from '../../shared/ids.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { addProduct, letExpire, newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';
import {
  atPayPage,
  buyerWithOrder,
  chooseDelivery,
  data,
  home,
  moneyOf,
  orderIs,
  paidOrder,
  readOrder,
  sendWebhook,
  startPayment,
  succeeded,
  webhookOf,
  type Buyer,
} from '../payments/till.ts';

const patience = { deadlineMs: 15_000 };

describe('orders', () => {
  let app: App;
  let floor: ShopFloor;
  let offerId: string;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    floor = await openShopFloor(app, { units: 500 });
    ({ offerId } = await openOffer(app, floor, { allotmentUnits: 300 }));
  });
  afterAll(() => app.close());

  const asMerchant = (method: string, path: string, body?: unknown) => data(app, method, path, floor.token, body);
  const order = ({ orderId }: Buyer) => `/api/orders/${orderId}`;
  const freeUnits = async (): Promise<number> =>
    (await asMerchant('GET', `/api/skus/${floor.skuId}/stock?limit=1`)).movements[0].freeUnits;

  test('what waits for work is found among all that a shop ever sold without reading that', async () => {
    const { db } = app.platform;
    const [merchantId, nobody] = [newId(), newId()];
    const many = 5_000;
    await db.query(
      `INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, state, currency, total_minor, pay_by)
       SELECT gen_random_uuid(), $2, $1, $2, n, '', 'delivered', 'EUR', 100, now() FROM generate_series(1, ${many}) AS n`,
      [merchantId, nobody],
    );
    await db.query('ANALYZE orders');
    const plans: unknown[] = [];
    const explained = {
      async query(text: string, values: unknown[]) {
        plans.push((await db.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)).rows);
        return { rows: [] };
      },
    } as unknown as Queryable;

    const reads = createOrderReads(explained);
    for (const state of ['paid', 'shipped', 'refunded'] as const)
      await reads.list('merchant', merchantId, { state, limit: 50 });

    expect(plans).toHaveLength(3);
    for (const plan of plans) {
      const read = JSON.stringify(plan);
      expect(read).toContain('orders_merchant_state');
      expect(read).not.toMatch(/"Rows Removed by Filter":\s*[1-9]\d{2}/);
    }
  });

  describe('delivery', () => {
    test('costs what the flat table says: by country, and free from a sum on', async () => {
      const shop = await openShopFloor(app);
      const { offerId: dear } = await openOffer(app, shop, { priceMinor: 4_000, allotmentUnits: 50 });
      const rate = { countries: ['PT', 'ES'], feeMinor: 500, freeFromMinor: 8_000 };
      const { rates } = await data(app, 'PUT', `/api/shops/${shop.host.person.personId}/shipping`, shop.token, {
        rates: [
          { name: { en: 'Post', zh: '邮政' }, ...rate },
          { name: { en: 'World' }, feeMinor: 2_000 },
        ],
      });
      const [one, two] = [
        await buyerWithOrder(app, shop, { offerId: dear, address: false }),
        await buyerWithOrder(app, shop, { offerId: dear, units: 2, address: false }),
      ];
      const choices = async (buyer: Buyer, country: string) =>
        (await data(app, 'GET', `${order(buyer)}/delivery-choices?country=${country}`, buyer.token)).choices.map(
          ({ name, shippingMinor }: any) => [name.en, shippingMinor],
        );

      expect(await choices(one, 'PT')).toEqual([
        ['Post', 500],
        ['World', 2_000],
      ]);
      expect(await choices(two, 'PT')).toEqual([
        ['Post', 0],
        ['World', 2_000],
      ]);
      expect(await choices(one, 'JP')).toEqual([['World', 2_000]]);
      const chosen = await chooseDelivery(app, one.token, one.orderId, rates[0].rateId);
      expect(chosen).toMatchObject({
        outcome: 'chosen',
        order: { goodsMinor: 4_000, shippingMinor: 500, totalMinor: 4_500 },
      });
      const { address } = chosen.order.delivery;
      const same = await data(app, 'PUT', `${order(one)}/delivery`, one.token, {
        addressId: (await data(app, 'GET', '/api/addresses', one.token)).addresses[0].addressId,
        rateId: rates[0].rateId,
      });
      expect(same.order.delivery.address).toEqual(address);
      expect(same.order.events.filter(({ kind }: any) => kind === 'delivery-chosen')).toHaveLength(1);
      expect((await startPayment(app, one)).amountMinor).toBe(4_500);
    });

    test('is not possible by a way the country has not, nor to the address of another', async () => {
      const shop = await openShopFloor(app);
      const { offerId: local } = await openOffer(app, shop);
      const { rates } = await data(app, 'PUT', `/api/shops/${shop.host.person.personId}/shipping`, shop.token, {
        rates: [{ name: { en: 'Bike' }, feeMinor: 100, countries: ['NL'] }],
      });
      const buyer = await buyerWithOrder(app, shop, { offerId: local, address: false });
      const stranger = await guest(app);
      const theirs = await data(app, 'POST', '/api/addresses', stranger.accessToken, { ...home, requestKey: newKey() });

      expect(await chooseDelivery(app, buyer.token, buyer.orderId, rates[0].rateId)).toMatchObject({
        outcome: 'not_sent_there',
      });
      const stolen = await call(app, 'PUT', `${order(buyer)}/delivery`, {
        token: buyer.token,
        body: { addressId: theirs.addressId },
      });
      expect(stolen.status).toBe(404);

      await app.ledger.pay(buyer.orderId, newId());
      expect((await chooseDelivery(app, buyer.token, buyer.orderId, rates[0].rateId)).outcome).toBe('not_held');
    });

    test('an order keeps price, name, terms, fee and address of its moment', async () => {
      const shop = await openShopFloor(app);
      const shopId = shop.host.person.personId;
      const put = (path: string, body: object) => data(app, 'PUT', path, shop.token, body);
      await put('/api/shop', { name: 'Night shop', currency: 'EUR', terms: { en: 'No returns on full moon.' } });
      const { rates } = await put(`/api/shops/${shopId}/shipping`, {
        rates: [{ name: { en: 'Post' }, feeMinor: 300 }],
      });
      const { offerId: frozen } = await openOffer(app, shop);
      const buyer = await buyerWithOrder(app, shop, { offerId: frozen, address: false });
      await chooseDelivery(app, buyer.token, buyer.orderId, rates[0].rateId);
      const before = await readOrder(app, buyer);

      await put('/api/shop', { name: 'Night shop', currency: 'EUR', terms: { en: 'Other terms.' } });
      await put(`/api/shops/${shopId}/shipping`, { rates: [{ name: { en: 'Courier' }, feeMinor: 900 }] });
      await data(app, 'PATCH', `/api/skus/${shop.skuId}`, shop.token, { priceMinor: 9_999 });
      const [address] = (await data(app, 'GET', '/api/addresses', buyer.token)).addresses;
      await data(app, 'DELETE', `/api/addresses/${address.addressId}`, buyer.token);

      expect(await readOrder(app, buyer)).toEqual(before);
      expect(before).toMatchObject({ terms: { en: 'No returns on full moon.' }, totalMinor: 1_000 });
    });
  });

  describe('cancelling', () => {
    test('before paying it is at once, and the event list says who and why', async () => {
      const buyer = await buyerWithOrder(app, floor, { offerId });

      const cancelled = await data(app, 'POST', `${order(buyer)}/cancel`, buyer.token, { reason: 'changed my mind' });

      expect(cancelled).toMatchObject({ outcome: 'cancelled', order: { state: 'cancelled' } });
      expect(cancelled.order.events.at(-1)).toMatchObject({
        kind: 'cancelled',
        personId: buyer.session.person.personId,
        reason: 'changed my mind',
      });
    });

    test('soon after paying gives the money back and the units to stock, once', async () => {
      const buyer = await paidOrder(app, floor, { offerId, units: 2 });
      const before = await freeUnits();

      const answers = await Promise.all(
        Array.from({ length: 5 }, () =>
          data(app, 'POST', `${order(buyer)}/cancel`, buyer.token, { reason: 'too many' }),
        ),
      );

      expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => 'refunded'));
      await eventually(async () => (await readOrder(app, buyer)).refunds[0]?.state === 'done', patience);
      await eventually(async () => (await freeUnits()) === before + 2, patience);
      expect(await readOrder(app, buyer)).toMatchObject({ state: 'refunded', refundedMinor: 1_400 });
    });

    test('is not kept from by a key that the merchant used', async () => {
      const buyer = await paidOrder(app, floor, { offerId, units: 2 });
      const lines = [{ lineNumber: 1, units: 1 }];
      await data(app, 'POST', `${order(buyer)}/refunds`, floor.token, {
        lines,
        restock: false,
        reason: 'a scratch',
        requestKey: 'cancelled by buyer',
      });

      const cancelled = await data(app, 'POST', `${order(buyer)}/cancel`, buyer.token, {});

      expect(cancelled).toMatchObject({ outcome: 'refunded', order: { state: 'refunded' } });
      expect(cancelled.order.refundedMinor).toBe(cancelled.order.totalMinor);
    });

    test('is once, whatever reason the repeat gives, and waits while the payment is being settled', async () => {
      const buyer = await paidOrder(app, floor, { offerId });
      const { db } = app.platform;
      const cancel = (reason: string) =>
        call(app, 'POST', `${order(buyer)}/cancel`, { token: buyer.token, body: { reason } });

      await db.query('UPDATE payments SET settlement = NULL WHERE order_id = $1', [buyer.orderId]);
      expect((await cancel('too big')).body.error.code).toBe('RETRY');
      await db.query(`UPDATE payments SET settlement = 'order' WHERE order_id = $1`, [buyer.orderId]);
      const answers = [await cancel('too big'), await cancel('too small')];

      expect(answers.map(({ body }) => body.data.outcome)).toEqual(['refunded', 'refunded']);
      expect((await readOrder(app, buyer)).refunds).toMatchObject([{ cause: 'asked', reason: 'too big' }]);
    });

    test('is too late when it is on its way, or the time for it has passed', async () => {
      const [sent, old] = [await paidOrder(app, floor, { offerId }), await paidOrder(app, floor, { offerId })];
      await asMerchant('POST', `${order(sent)}/ship`, { carrier: 'Post', trackingNumber: 'P1' });

      expect(await data(app, 'POST', `${order(sent)}/cancel`, sent.token, {})).toMatchObject({ outcome: 'too_late' });
      await app.platform.db.query(`UPDATE payments SET captured_at = now() - interval '61 min' WHERE order_id = $1`, [
        old.orderId,
      ]);
      const later = await data(app, 'POST', `${order(old)}/cancel`, old.token, {});

      expect(later).toMatchObject({ outcome: 'too_late', order: { state: 'paid' } });
    });
  });

  describe('the merchant', () => {
    test('sends, corrects the number, and says when it has arrived', async () => {
      const buyer = await paidOrder(app, floor, { offerId });
      const ship = (trackingNumber: string) =>
        asMerchant('POST', `${order(buyer)}/ship`, { carrier: 'Post', trackingNumber });

      const outcomes = [await asMerchant('POST', `${order(buyer)}/deliver`, {}), await ship('A1'), await ship('A1')];
      outcomes.push(await ship('A2'));
      const delivered = await asMerchant('POST', `${order(buyer)}/deliver`, {});

      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['not_shipped', 'shipped', 'shipped', 'corrected']);
      expect(delivered.order).toMatchObject({
        state: 'delivered',
        delivery: { carrier: 'Post', trackingNumber: 'A2' },
      });
      expect((await readOrder(app, buyer)).events.map(({ kind }) => kind).slice(-4)).toEqual([
        'payment-settled',
        'shipped',
        'shipment-corrected',
        'delivered',
      ]);
    });

    test('says once that something which needs no address is on its way', async () => {
      const { offerId: download } = await openOffer(app, floor);
      await app.platform.db.query('UPDATE offers SET requires_shipping = false WHERE offer_id = $1', [download]);
      const buyer = await buyerWithOrder(app, floor, { offerId: download, address: false });
      await atPayPage(app, (await startPayment(app, buyer)).payUrl!, {});
      await orderIs(app, buyer, 'paid');
      const parcel = { carrier: 'Mail', trackingNumber: 'M1' };

      const outcomes = [1, 2].map(() => asMerchant('POST', `${order(buyer)}/ship`, parcel));

      expect((await Promise.all(outcomes)).map(({ outcome }) => outcome)).toEqual(['shipped', 'shipped']);
      expect((await readOrder(app, buyer)).events.filter(({ kind }) => /^ship/.test(kind))).toHaveLength(1);
    });

    test('does not send what is not paid', async () => {
      const buyer = await buyerWithOrder(app, floor, { offerId });

      const answer = await asMerchant('POST', `${order(buyer)}/ship`, { carrier: 'Post', trackingNumber: 'A1' });

      expect(answer).toMatchObject({ outcome: 'not_paid', order: { state: 'held' } });
    });

    test('gives back single units, then the rest; units go to stock by choice', async () => {
      const buyer = await paidOrder(app, floor, { offerId, units: 3 });
      const before = await freeUnits();
      const refund = (body: object) =>
        asMerchant('POST', `${order(buyer)}/refunds`, {
          reason: 'chipped',
          requestKey: newKey(),
          restock: false,
          ...body,
        });

      const first = await refund({ lines: [{ lineNumber: 1, units: 1 }], restock: true });
      const tooMany = await call(app, 'POST', `${order(buyer)}/refunds`, {
        token: floor.token,
        body: { reason: 'x', requestKey: newKey(), restock: true, lines: [{ lineNumber: 1, units: 3 }] },
      });
      const rest = await refund({});
      const nothing = await refund({});

      expect(first).toMatchObject({ outcome: 'refunded', order: { state: 'paid', refundedMinor: 700 } });
      expect(tooMany.body.error).toMatchObject({ code: 'BAD_INPUT', message: 'Line 1 has 2 units left to refund.' });
      expect(rest).toMatchObject({ outcome: 'refunded', order: { state: 'refunded', refundedMinor: 2_100 } });
      expect(nothing.outcome).toBe('nothing_left');
      await eventually(async () => (await freeUnits()) === before + 1, patience);
      await eventually(
        async () => (await readOrder(app, buyer)).refunds.every(({ state }) => state === 'done'),
        patience,
      );
      expect((await readOrder(app, buyer)).lines[0]).toMatchObject({ refundedUnits: 3, returnedUnits: 1 });
    });

    test('after a whole sale what moved of a SKU adds up to what was there and is not sold', async () => {
      const skuId = await addProduct(app, floor.host, { units: 12 });
      const cart = await openOffer(app, floor, { skuId, allotmentUnits: 6 });
      const flash = await openOffer(app, floor, { skuId, kind: 'flash', durationSeconds: 600, allotmentUnits: 4 });
      const [kept, returned] = await Promise.all([
        paidOrder(app, floor, { offerId: flash.offerId }),
        paidOrder(app, floor, { offerId: cart.offerId, units: 2 }),
      ]);
      const [late, leaving] = [await buyerWithOrder(app, floor, flash), await buyerWithOrder(app, floor, cart)];

      await letExpire(app, late.orderId);
      await data(app, 'POST', `${order(leaving)}/cancel`, leaving.token, {});
      for (const { offerId: open } of [cart, flash])
        await asMerchant('POST', `/api/rooms/${floor.roomId}/offers/${open}/close`, {});
      await asMerchant('POST', `${order(returned)}/refunds`, {
        reason: 'too many',
        requestKey: newKey(),
        restock: true,
        lines: [{ lineNumber: 1, units: 1 }],
      });

      const moved = `SELECT reason, sum(delta_units)::int AS units FROM stock_movements WHERE sku_id = $1 GROUP BY reason ORDER BY reason`;
      const expected = [
        { reason: 'allotted', units: -10 },
        { reason: 'given_back', units: 7 },
        { reason: 'initial', units: 12 },
        { reason: 'returned', units: 1 },
      ];
      await expect.poll(async () => (await app.platform.db.query(moved, [skuId])).rows).toEqual(expected);
      const { rows } = await app.platform.db.query(
        `SELECT free_units AS free, (SELECT sum(sold_units)::int FROM offers WHERE sku_id = $1) AS sold FROM skus WHERE sku_id = $1`,
        [skuId],
      );
      expect(rows).toEqual([{ free: 10, sold: 2 }]); // Twelve, as at the beginning.
      expect(await orderIs(app, kept, 'paid')).toMatchObject({ state: 'paid' });
    });

    test('a repeated refund gives back once, over HTTP and the socket; its key with other contents is refused', async () => {
      const buyer = await paidOrder(app, floor, { offerId, units: 2 });
      const socket = await openSocket(app, floor.host);
      const request = { lines: [{ lineNumber: 1, units: 1 }], restock: false, reason: 'late', requestKey: newKey() };

      const overSocket = await send(socket, 'order:refund', { ...request, orderId: buyer.orderId });
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => asMerchant('POST', `${order(buyer)}/refunds`, request)),
      );
      const other = await call(app, 'POST', `${order(buyer)}/refunds`, {
        token: floor.token,
        body: { ...request, reason: 'other' },
      });

      expect(overSocket).toMatchObject({ ok: true, data: { outcome: 'refunded' } });
      expect(answers.map(({ outcome }) => outcome)).toEqual(answers.map(() => 'refunded'));
      expect((await readOrder(app, buyer)).refundedMinor).toBe(700);
      expect(other.body.error.code).toBe('KEY_REUSED');
      socket.close();
    });

    test('sees the orders of the own shop page by page, and nobody else does', async () => {
      const shop = await openShopFloor(app);
      const shopId = shop.host.person.personId;
      const { offerId: own } = await openOffer(app, shop);
      const made: string[] = [];
      for (let i = 0; i < 3; i++) made.push((await buyerWithOrder(app, shop, { offerId: own })).orderId);
      const stranger = await account(app);

      const page = await data(app, 'GET', `/api/shops/${shopId}/orders?limit=2&state=held`, shop.token);
      const rest = await data(app, 'GET', `/api/shops/${shopId}/orders?limit=2&after=${page.next}`, shop.token);
      const foreign = await call(app, 'GET', `/api/shops/${shopId}/orders`, { token: stranger.accessToken });
      const file = await call(app, 'GET', `/api/shops/${shopId}/orders.csv`, { token: stranger.accessToken });

      expect([...page.orders, ...rest.orders].map(({ orderId }: any) => orderId)).toEqual(made.toReversed());
      expect([foreign.status, file.status]).toEqual([403, 403]);
    });

    describe('searches them', () => {
      let shop: ShopFloor;
      let lamp: Buyer;
      let bowl: Buyer;
      let bowlTitle: string;

      const found = (search: string, more = ''): Promise<{ orders: { orderId: string }[]; next: string | null }> =>
        data(
          app,
          'GET',
          `/api/shops/${shop.host.person.personId}/orders?search=${encodeURIComponent(search)}${more}`,
          shop.token,
        );
      const idsBy = async (search: string, more?: string) =>
        (await found(search, more)).orders.map(({ orderId }) => orderId);

      beforeAll(async () => {
        shop = await openShopFloor(app);
        const lamps = await openOffer(app, shop);
        const bowlSku = await addProduct(app, shop.host);
        await data(app, 'PATCH', `/api/skus/${bowlSku}`, shop.token, { code: 'BWL-XL-01', barcode: '4006381333931' });
        const bowls = await openOffer(app, shop, { skuId: bowlSku });
        bowlTitle = bowls.title.zh;
        lamp = await paidOrder(app, shop, { offerId: lamps.offerId });
        bowl = await buyerWithOrder(app, shop, { offerId: bowls.offerId, name: 'Zoë_100%' });
        const parcel = { carrier: 'Post', trackingNumber: 'PT-77 Q' };
        await data(app, 'POST', `${order(lamp)}/ship`, shop.token, parcel);
      });

      test('by number, names, product, its codes and tracking number, and only those with every word', async () => {
        expect(await idsBy(bowl.orderId.toUpperCase())).toEqual([bowl.orderId]);
        expect(await idsBy('zoë_100%')).toEqual([bowl.orderId]);
        expect(await idsBy(bowlTitle)).toEqual([bowl.orderId]);
        for (const code of ['bwl-xl-01', '4006381333931']) expect(await idsBy(code)).toEqual([bowl.orderId]);
        expect(await idsBy('pt-77')).toEqual([lamp.orderId]);
        expect(await idsBy(`pt-77 ${home.recipient}`)).toEqual([lamp.orderId]);
        expect(await idsBy(`pt-77 ${bowlTitle}`)).toEqual([]);
        // Its own signs are no wildcards.
        expect(await idsBy('PT_77')).toEqual([]);
      });

      test('within a state, and page by page', async () => {
        const first = await found(home.recipient, '&limit=1');

        expect(first).toMatchObject({ orders: [{ orderId: bowl.orderId, buyerName: 'Zoë_100%' }], next: bowl.orderId });
        expect(await idsBy(home.recipient, `&limit=1&after=${first.next}`)).toEqual([lamp.orderId]);
        expect(await idsBy(home.recipient, '&state=shipped')).toEqual([lamp.orderId]);
      });

      test('some thousand at a time, and goes on where it ended', async () => {
        await app.platform.db.query(
          `INSERT INTO orders (order_id, room_id, merchant_id, buyer_id, request_key, request_hash, state, currency, total_minor, pay_by)
           SELECT ('ffffffff-ffff-7fff-8fff-' || lpad(i::text, 12, '0'))::uuid, $1, $2, gen_random_uuid(), i, '', 'expired', 'EUR', 0, now()
           FROM generate_series(1, 2000) i`,
          [shop.roomId, shop.host.person.personId],
        );
        const none = await found('pt-77');

        expect(none).toEqual({ orders: [], next: 'ffffffff-ffff-7fff-8fff-000000000001' });
        expect(await idsBy('pt-77', `&after=${none.next}`)).toEqual([lamp.orderId]);
      });
    });

    test('gets them as a file in which nothing can run as a formula', async () => {
      const shop = await openShopFloor(app);
      const skuId = await addProduct(app, shop.host);
      const { offerId: own } = await openOffer(app, shop, { skuId });
      await data(app, 'PATCH', `/api/skus/${skuId}`, shop.token, { code: '-XL-01' });
      const buyer = await buyerWithOrder(app, shop, { offerId: own, units: 2, address: false, name: '=1+1' });
      const { addressId } = await data(app, 'POST', '/api/addresses', buyer.token, {
        ...home,
        recipient: '=HYPERLINK("http://evil.example")',
        phone: '+351 900',
        street: '@SUM(1,2)',
        requestKey: newKey(),
      });
      await data(app, 'PUT', `${order(buyer)}/delivery`, buyer.token, { addressId });

      const file = await call(app, 'GET', `/api/shops/${shop.host.person.personId}/orders.csv`, { token: shop.token });

      const [, row] = (file.body as string).trim().split('\r\n');
      expect(row).toContain(`${buyer.orderId},held,`);
      expect(row).toContain(`EUR,1,'-XL-01,${skuId},`);
      expect(row).toContain('7.00,14.00');
      expect(row).toContain(`'=1+1,"'=HYPERLINK(""http://evil.example"")",'+351 900,PT`);
      expect(row).toContain(`"'@SUM(1,2)"`);
    });
  });

  test('the buyer sees the own history, newest first, and nothing of others', async () => {
    const buyer = await buyerWithOrder(app, floor, { offerId });
    const payment = await startPayment(app, buyer);
    await sendWebhook(app, webhookOf(succeeded(payment)));
    await orderIs(app, buyer, 'paid');

    const mine = await data(app, 'GET', '/api/orders', buyer.token);
    const paid = await data(app, 'GET', '/api/orders?state=held', buyer.token);

    expect(mine.orders.map(({ orderId, state, shopName }: any) => [orderId, state, shopName])).toEqual([
      [buyer.orderId, 'paid', 'Night shop'],
    ]);
    expect(mine.orders[0]).not.toHaveProperty('delivery');
    expect(paid.orders).toEqual([]);
  });

  test('after all of this every cent is accounted for', async () => {
    const { db } = app.platform;
    const onTheWay = `SELECT FROM refunds WHERE state <> 'done'`;
    await eventually(async () => (await db.query(onTheWay)).rowCount === 0, patience);
    const money = await moneyOf(app);
    const { rows } = await db.query(`
      SELECT (SELECT coalesce(sum(captured_minor), 0) FROM payments)::bigint AS captured,
        (SELECT coalesce(sum(amount_minor), 0) FROM refunds WHERE state = 'done')::bigint AS "backMinor"`);

    expect(Object.values(money).reduce((sum, minor) => sum + minor, 0)).toBe(0);
    expect(money['provider']).toBe(rows[0].captured - rows[0].backMinor);
    expect(money).not.toHaveProperty('deposit');
    expect(money).not.toHaveProperty('refunds');
  });
});
