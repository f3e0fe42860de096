import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Product } from '../../shared/protocol/catalog.ts';
import type { App } from '../../server/app/app.ts';
import { commands } from '../../shared/protocol/index.ts';
import { account, call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { openOffer, openShopFloor } from '../sale/shop-floor.ts';
import { mug, openShop, type Merchant } from './shop-support.ts';

describe('a shop and its products', () => {
  let app: App;
  let merchant: Merchant;
  let stranger: string;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    merchant = await openShop(app);
    stranger = (await account(app)).accessToken;
  });
  afterAll(() => app.close());

  const as = (token: string) => (method: string, path: string, body?: unknown) =>
    call(app, method, path, { body, token });
  const add = (product: object, token = merchant.token) =>
    as(token)('POST', `/api/shops/${merchant.shopId}/products`, product);

  test('name, terms and currency of a shop may change while nothing was put on sale; 12.50 stays 12.50', async () => {
    const { token, shopId } = await openShop(app, 'EUR');
    await as(token)('POST', `/api/shops/${shopId}/products`, mug({ skus: [{ priceMinor: 1_250 }], optionNames: [] }));
    const put = (currency: string) => as(token)('PUT', '/api/shop', { name: 'New name', currency });
    const price = async () => (await as(token)('GET', `/api/shops/${shopId}/products`)).body.data.products[0];

    const dinar = await put('KWD');
    const inDinar = await price();
    const yen = await put('JPY');
    // Who still sees 12.50 euros and wants 13.00 would ask 1.300 dinars.
    const asInEuro = { seenVersion: inDinar.version - 1, priceMinor: 1_300 };
    const stale = await as(token)('PATCH', `/api/skus/${inDinar.skus[0].skuId}`, asInEuro);

    expect(dinar.body.data).toMatchObject({ shopId, name: 'New name', currency: 'KWD' });
    expect(inDinar).toMatchObject({ currency: 'KWD', skus: [{ priceMinor: 12_500 }] });
    expect(yen).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
    expect(stale.body.error).toMatchObject({ code: 'CONFLICT', reason: 'changed-meanwhile' });
    expect(await price()).toMatchObject({ currency: 'KWD', skus: [{ priceMinor: 12_500 }] });
  });

  test('once something was put on sale the currency stays', async () => {
    const show = await openShopFloor(app);
    await openOffer(app, show);

    const other = await as(show.token)('PUT', '/api/shop', { name: 'New name', currency: 'USD' });

    expect(other).toMatchObject({ status: 409, body: { error: { code: 'CONFLICT' } } });
  });

  test('of a correction and a first offer at the same moment one fails', async () => {
    const show = await openShopFloor(app);

    const [offered, corrected] = await Promise.allSettled([
      openOffer(app, show),
      as(show.token)('PUT', '/api/shop', { name: 'Shop', currency: 'USD' }),
    ]);

    const { currency } = (await as(show.token)('GET', `/api/shops/${show.host.person.personId}`)).body.data;
    const done = corrected.status === 'fulfilled' && corrected.value.status === 200;
    expect(currency).toBe(done ? 'USD' : 'EUR');
    if (offered.status === 'fulfilled') expect(offered.value.currency).toBe(currency);
  });

  test.each(['XYZ', 'ZZZ', 'eur', 'DEM'])('%s is no currency', async (currency) => {
    expect((await as(merchant.token)('PUT', '/api/shop', { name: 'Kiln', currency })).body.error.code).toBe(
      'BAD_INPUT',
    );
  });

  test('a guest has no shop, and nobody adds to the shop of another', async () => {
    const visitor = (await guest(app)).accessToken;

    expect((await as(visitor)('PUT', '/api/shop', { name: 'Mine', currency: 'EUR' })).body.error.code).toBe(
      'FORBIDDEN',
    );
    expect((await add(mug(), stranger)).body.error.code).toBe('FORBIDDEN');
  });

  test('a product is added once, however often the call is repeated', async () => {
    const product = mug();

    const repeats = await Promise.all(Array.from({ length: 10 }, () => add(product)));
    const other = await add({ ...product, vendor: 'somebody else' });

    const ids = new Set(repeats.map(({ body }) => body.data.productId));
    expect(ids.size).toBe(1);
    commands['product:add'].output.parse(repeats[0]!.body.data);
    expect(other.body.error.code).toBe('KEY_REUSED');
  });

  test('stock is seen by the merchant alone', async () => {
    const { productId } = (await add(mug())).body.data;

    const mine = await as(merchant.token)('GET', `/api/products/${productId}`);
    const theirs = await as(stranger)('GET', `/api/products/${productId}`);

    expect(mine.body.data.skus.map(({ freeUnits }: any) => freeUnits)).toEqual([10, 3]);
    expect(theirs.body.data.skus.map(({ freeUnits }: any) => freeUnits)).toEqual([null, null]);
  });

  test('an unpublished product is there for its merchant and for nobody else', async () => {
    const { productId } = (await add(mug({ published: false, title: { en: 'Secret mug' } }))).body.data;

    const theirs = await as(stranger)('GET', `/api/products/${productId}`);
    const nobodys = await call(app, 'GET', `/api/products/${productId}`);
    const found = await as(stranger)('GET', '/api/products?search=secret');
    const mine = await as(merchant.token)('GET', `/api/shops/${merchant.shopId}/products?search=secret`);

    expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    expect(found.body.data.products).toEqual([]);
    expect(mine.body.data.products).toHaveLength(1);
  });

  test.each([
    ['手绘', 1],
    ['hand painted', 1],
    ['PAINTED teapot', 1],
    ['teapot 清明', 1],
    ['hand%', 0],
    ['hand painted saucepan', 0],
  ])('a search for %s finds %i', async (search, hits) => {
    const title = { en: 'Hand painted teapot', zh: '手绘茶壶' };
    await add(mug({ handle: 'teapot', title, tags: ['spring', '清明'], requestKey: 'teapot-1' }));

    const found = await as(stranger)('GET', `/api/products?search=${encodeURIComponent(search)}`);

    expect(found.body.data.products).toHaveLength(hits);
  });

  test('the merchant finds a product by the codes of its variants, nobody else does', async () => {
    const kettle = {
      title: { en: 'Blue kettle' },
      optionNames: [],
      skus: [{ code: 'KTL-77', barcode: '400638133', priceMinor: 100 }],
    };
    const { productId } = (await add(mug(kettle))).body.data;
    const mine = async (search: string) =>
      (
        await as(merchant.token)('GET', `/api/shops/${merchant.shopId}/products?search=${search}`)
      ).body.data.products.map((product: Product) => product.productId);

    expect(await mine('ktl-77')).toEqual([productId]);
    expect(await mine('400638133')).toEqual([productId]);
    expect(await mine('kettle%20ktl')).toEqual([productId]);
    expect(await mine('kettle%20m-s')).toEqual([]);
    expect(await mine('ktl_77')).toEqual([]);
    expect((await as(stranger)('GET', '/api/products?search=ktl-77')).body.data.products).toEqual([]);
    expect(
      (await as(stranger)('GET', `/api/products?search=ktl-77&shopId=${merchant.shopId}`)).body.data.products,
    ).toEqual([]);
  });

  test('a listing is read page by page, each product once', async () => {
    const other = await openShop(app);
    const added: string[] = [];
    for (let i = 0; i < 5; i++) {
      const one = await as(other.token)('POST', `/api/shops/${other.shopId}/products`, mug());
      added.push(one.body.data.productId);
    }

    const seen: string[] = [];
    let after = '';
    do {
      const { body } = await as(stranger)(
        'GET',
        `/api/products?shopId=${other.shopId}&limit=2${after && `&after=${after}`}`,
      );
      seen.push(...body.data.products.map(({ productId }: any) => productId));
      after = body.data.next;
    } while (after);

    expect(seen).toEqual(added.toReversed());
  });

  test('variants need a value per option, and differ', async () => {
    const [small] = mug().skus;

    const missing = await add(mug({ skus: [{ ...small, optionValues: [] }] }));
    const twice = await add(mug({ skus: [small, small] }));

    expect(missing.body.error.code).toBe('BAD_INPUT');
    expect(twice.body.error.code).toBe('BAD_INPUT');
  });

  test('unknown fields are refused: nobody writes stock or shop by guessing names', async () => {
    const { productId } = (await add(mug())).body.data;

    const answers = await Promise.all([
      as(merchant.token)('PATCH', `/api/products/${productId}`, { shopId: crypto.randomUUID() }),
      as(merchant.token)('PATCH', `/api/products/${productId}`, { __proto__: null, csvColumns: {} }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  });

  test('changes leave alone what they do not name', async () => {
    const before = (await add(mug())).body.data;
    const [sku] = before.skus;

    await as(merchant.token)('PATCH', `/api/products/${before.productId}`, { vendor: 'Kiln & Co' });
    const after = await as(merchant.token)('PATCH', `/api/skus/${sku.skuId}`, { priceMinor: 999 });

    expect(after.body.data).toEqual({
      ...before,
      vendor: 'Kiln & Co',
      version: Number(before.version) + 2,
      skus: [{ ...sku, priceMinor: 999 }, before.skus[1]],
    });
  });

  test('of two who save over a product as they saw it one is told, over HTTP and the socket; the same wish again is none', async () => {
    const { productId, version: seenVersion, skus }: Product = (await add(mug())).body.data;
    const sku = skus[0]!;
    const socket = await openSocket(app, merchant.session);
    const overHttp = async (path: string, changes: object) =>
      (await as(merchant.token)('PATCH', path, { seenVersion, ...changes })).body;

    const answers = await Promise.all([
      send(socket, 'product:change', { productId, seenVersion, vendor: 'Ovens' }),
      overHttp(`/api/products/${productId}`, { vendor: 'Kiln & Co' }),
      send(socket, 'sku:change', { skuId: sku.skuId, seenVersion, priceMinor: 998 }),
      overHttp(`/api/skus/${sku.skuId}`, { priceMinor: 999 }),
    ]);
    const [saved, ...others] = answers.filter(({ ok }) => ok).map(({ data }: any) => data as Product);
    expect(others).toEqual([]);
    expect(answers.filter(({ ok }) => !ok).map(({ error }: any) => [error.code, error.reason])).toEqual(
      Array.from({ length: 3 }, () => ['CONFLICT', 'changed-meanwhile']),
    );
    const { vendor, skus: now } = saved!;
    expect((await as(merchant.token)('GET', `/api/products/${productId}`)).body.data).toEqual(saved);

    // As after a lost answer.
    const { priceMinor } = now[0]!;
    const again = [
      await overHttp(`/api/products/${productId}`, { vendor }),
      await overHttp(`/api/skus/${sku.skuId}`, { priceMinor }),
    ];
    expect(again.map(({ ok }) => ok)).toEqual([true, true]);
    expect((await as(merchant.token)('PATCH', `/api/products/${productId}`, { vendor: 'Mine' })).status).toBe(200);
    socket.close();
  });

  test('the version of a product rises with its variants too, and not with its stock', async () => {
    const { productId, skus, ...added }: Product = (await add(mug())).body.data;
    const variant = { optionValues: ['Huge'], priceMinor: 1, requestKey: `huge-of-${productId}` };
    const moved = { deltaUnits: 1, reason: 'received', requestKey: `stock-of-${productId}` };
    const version = async () => (await as(merchant.token)('GET', `/api/products/${productId}`)).body.data.version;

    await as(merchant.token)('POST', `/api/skus/${skus[0]!.skuId}/stock`, moved);
    expect(await version()).toBe(added.version);
    await as(merchant.token)('POST', `/api/products/${productId}/skus`, variant);
    expect(await version()).toBe(added.version + 1);
    await as(merchant.token)('DELETE', `/api/skus/${skus[0]!.skuId}`);
    expect(await version()).toBe(added.version + 2);
  });

  test('two changes at the same moment are both there', async () => {
    const { db } = app.platform;
    const { productId, skus }: Product = (await add(mug())).body.data;
    const { skuId } = skus[0]!;
    const patch = (path: string, changes: object) => as(merchant.token)('PATCH', path, changes);
    const inTheWay = await db.connect();
    await inTheWay.query('BEGIN');
    await inTheWay.query('SELECT FROM products JOIN skus USING (product_id) WHERE product_id = $1 FOR UPDATE', [
      productId,
    ]);

    const changes = Promise.all([
      patch(`/api/skus/${skuId}`, { priceMinor: 999 }),
      patch(`/api/skus/${skuId}`, { barcode: '4006381333931' }),
      patch(`/api/products/${productId}`, { vendor: 'Kiln & Co' }),
      patch(`/api/products/${productId}`, { published: false }),
    ]);
    const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await eventually(async () => (await db.query(waiting)).rowCount === 4);
    inTheWay.release(true);
    await changes;

    expect((await as(merchant.token)('GET', `/api/products/${productId}`)).body.data).toMatchObject({
      vendor: 'Kiln & Co',
      published: false,
      skus: [{ priceMinor: 999, barcode: '4006381333931' }, {}],
    });
  });

  test('a variant that is added twice with one key is added once, with its stock', async () => {
    const { productId, skus }: Product = (await add(mug())).body.data;
    const addSku = (body: object) => as(merchant.token)('POST', `/api/products/${productId}/skus`, body);
    const optionValues = ['Huge'];
    const variant = { optionValues, priceMinor: 1_500, units: 4, requestKey: 'key-of-variant' };

    const answers = await Promise.all([addSku(variant), addSku(variant)]);
    const again = await addSku(variant);
    const other = await addSku({ ...variant, units: 5 });

    for (const { body } of [...answers, again]) {
      expect(body.data.skus).toHaveLength(skus.length + 1);
      expect(body.data.skus.at(-1)).toMatchObject({ optionValues, priceMinor: 1_500, freeUnits: 4 });
    }
    expect(other.body.error.code).toBe('KEY_REUSED');
    expect((await addSku({ ...variant, requestKey: 'another-key' })).body.error.reason).toBe('variant-exists');
  });

  test('a product has a hundred variants at the most, also when two are added at once', async () => {
    const skus = Array.from({ length: 99 }, (_, i) => ({ optionValues: [`no. ${i}`], priceMinor: 100 }));
    const { productId }: Product = (await add(mug({ skus }))).body.data;
    const addSku = (name: string) =>
      as(merchant.token)('POST', `/api/products/${productId}/skus`, {
        optionValues: [name],
        priceMinor: 100,
        requestKey: `the-${name}`,
      });

    const answers = await Promise.all(['hundredth', 'one too many'].map(addSku));

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)!.body.error.reason).toBe('too-many');
  });

  test('the last variant stays, also when two calls remove the last two at once', async () => {
    const { productId, skus } = (await add(mug())).body.data;

    const answers = await Promise.all(skus.map(({ skuId }: any) => as(merchant.token)('DELETE', `/api/skus/${skuId}`)));

    expect(answers.map(({ body }: any) => body.data.outcome).sort()).toEqual(['archived', 'last_variant']);
    expect((await as(stranger)('GET', `/api/products/${productId}`)).body.data.skus).toHaveLength(1);
  });

  test('an archived product is gone and its handle free again', async () => {
    const product = mug({ handle: 'gone-soon' });
    const { productId } = (await add(product)).body.data;

    await as(merchant.token)('DELETE', `/api/products/${productId}`);

    expect((await as(merchant.token)('GET', `/api/products/${productId}`)).status).toBe(404);
    expect((await add({ ...product, requestKey: 'another-key' })).status).toBe(200);
  });

  test('the socket reaches the same verb with the same key', async () => {
    const socket = await openSocket(app, merchant.session);
    const product = mug();

    const overSocket = await send(socket, 'product:add', { ...product, shopId: merchant.shopId });
    const overHttp = await add(product);

    expect(overHttp.body).toEqual(overSocket);
    socket.close();
  });
});

describe('stock', () => {
  let app: App;
  let merchant: Merchant;
  let skuId: string;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    merchant = await openShop(app);
    const body = mug();
    const added = await call(app, 'POST', `/api/shops/${merchant.shopId}/products`, { body, token: merchant.token });
    skuId = added.body.data.skus[0].skuId;
  });
  afterAll(() => app.close());

  const adjust = (body: object, token = merchant.token) =>
    call(app, 'POST', `/api/skus/${skuId}/stock`, { body, token });

  test('moves by reasons, never below zero, and the list adds up to it', async () => {
    const answers = [];
    for (const [deltaUnits, reason] of [
      [5, 'received'],
      [-2, 'damaged'],
      [-14, 'lost'],
      [-13, 'gift'],
    ] as const)
      answers.push((await adjust({ deltaUnits, reason, requestKey: `move-${deltaUnits}-x` })).body.data);

    const { movements } = (await call(app, 'GET', `/api/skus/${skuId}/stock`, { token: merchant.token })).body.data;

    expect(answers).toEqual([
      { outcome: 'adjusted', freeUnits: 15 },
      { outcome: 'adjusted', freeUnits: 13 },
      { outcome: 'not_enough', freeUnits: 13 },
      { outcome: 'adjusted', freeUnits: 0 },
    ]);
    expect(movements.map(({ deltaUnits }: any) => deltaUnits)).toEqual([-13, -2, 5, 10]);
    expect(movements.reduce((sum: number, moved: { deltaUnits: number }) => sum + moved.deltaUnits, 0)).toBe(0);
  });

  test('a repeated adjustment counts once, over HTTP and the socket; its key with other contents is refused', async () => {
    const request = { deltaUnits: 7, reason: 'received', requestKey: 'delivery-7' } as const;

    const answers = await Promise.all(Array.from({ length: 10 }, () => adjust(request)));
    const other = await adjust({ ...request, deltaUnits: 8 });
    const socket = await openSocket(app, merchant.session);
    const overSocket = await send(socket, 'stock:adjust', { skuId, ...request });
    socket.close();

    expect(overSocket).toEqual(answers[0]!.body);
    expect(new Set(answers.map(({ body }) => body.data.freeUnits)).size).toBe(1);
    expect(other.body.error.code).toBe('KEY_REUSED');
  });

  test('only its merchant moves or reads it', async () => {
    const stranger = (await account(app)).accessToken;
    const request = { deltaUnits: 1, reason: 'received', requestKey: 'not-mine-1' };

    expect((await adjust(request, stranger)).status).toBe(403);
    expect((await call(app, 'GET', `/api/skus/${skuId}/stock`, { token: stranger })).status).toBe(403);
  });

  test('the database itself refuses to rewrite a movement', async () => {
    await expect(app.platform.db.query('UPDATE stock_movements SET delta_units = 1')).rejects.toThrow('append-only');
    await expect(app.platform.db.query('DELETE FROM stock_movements')).rejects.toThrow('append-only');
  });
});
