import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Product } from '../../shared/protocol/catalog.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, guest } from '../support/app.ts';
import { createOffer, data } from '../sale/shop-floor.ts';
import { newKey, twoGateways, type TwoGateways } from './two-gateways.ts';

type Sku = { priceMinor: number; units?: number; compareAtMinor?: number; optionValues?: string[] };

describe('what a host plans to show, on two gateways', () => {
  let house: TwoGateways;
  let host: Session;
  let token: string;

  beforeAll(async () => {
    house = await twoGateways();
    host = await account(house.here, 'Hana');
    token = host.accessToken;
    await data(house.here, 'PUT', '/api/shop', token, { name: 'Night shop', currency: 'EUR' });
  });
  afterAll(() => house.close());

  const add = (title: string, skus: Sku[], more: object = {}): Promise<Product> =>
    data(house.here, 'POST', `/api/shops/${host.person.personId}/products`, token, {
      requestKey: newKey(),
      title: { en: title },
      ...(skus.length > 1 ? { optionNames: ['Size'] } : {}),
      skus,
      ...more,
    });
  const show = (products: Product[], more: object = {}) =>
    data(house.here, 'POST', '/api/rooms', token, {
      title: 'Evening',
      productIds: products.map(({ productId }) => productId),
      ...more,
    });
  const plannedIn = async (roomId: string, who: Session) =>
    (await call(house.there, 'GET', `/api/rooms/${roomId}/products`, { token: who.accessToken })).body;
  const take = (roomId: string, requestKey = newKey(), who = host) =>
    data(house.there, 'POST', `/api/rooms/${roomId}/offers/take-planned`, who.accessToken, { requestKey });

  const sizes = [
    { optionValues: ['S'], priceMinor: 1_500, units: 10, compareAtMinor: 2_000 },
    { optionValues: ['M'], priceMinor: 1_200, units: 1 },
    { optionValues: ['L'], priceMinor: 1_800, units: 0 },
  ];

  test('everybody who may see the room sees it in its order, with prices and picture; what left the shop is left out', async () => {
    const [shirt, lamp, gone, hidden] = await Promise.all([
      add('Shirt', sizes, { images: [{ url: 'https://pictures.example/shirt.jpg' }] }),
      add('Lamp', [{ priceMinor: 700 }]),
      add('Gone', [{ priceMinor: 100 }]),
      add('Hidden', [{ priceMinor: 100 }]),
    ]);
    const { roomId } = await show([hidden, shirt, gone, lamp]);
    const stranger = await guest(house.there);
    await data(house.here, 'DELETE', `/api/products/${gone.productId}`, token, {});
    await data(house.here, 'PATCH', `/api/products/${hidden.productId}`, token, { published: false });

    const { products } = (await plannedIn(roomId, stranger)).data;

    expect(products).toEqual([
      {
        productId: shirt.productId,
        title: { en: 'Shirt', zh: '' },
        imageUrl: 'https://pictures.example/shirt.jpg',
        currency: 'EUR',
        fromMinor: 1_200,
        toMinor: 1_800,
      },
      {
        productId: lamp.productId,
        title: { en: 'Lamp', zh: '' },
        imageUrl: '',
        currency: 'EUR',
        fromMinor: 700,
        toMinor: 700,
      },
    ]);

    const productIds = [lamp.productId, shirt.productId];
    await data(house.here, 'PATCH', `/api/rooms/${roomId}`, token, { productIds });
    // Who was told of the change asks at once, and is not answered with the list of before.
    const changed = await data(house.here, 'GET', `/api/rooms/${roomId}/products`, stranger.accessToken);
    expect(changed.products.map(({ productId }: Product) => productId)).toEqual(productIds);
  });

  test('nobody but its staff sees what a rehearsal is about', async () => {
    const lamp = await add('Lamp', [{ priceMinor: 700 }]);
    const { roomId } = await show([lamp], { rehearsal: true });

    expect((await plannedIn(roomId, await guest(house.there))).error.code).toBe('FORBIDDEN');
    expect((await plannedIn(roomId, host)).data.products).toHaveLength(1);
  });

  test('it comes into the cart as drafts at one press: each variant once, at the price of the shop', async () => {
    const [shirt, lamp, gone] = await Promise.all([
      add('Shirt', sizes),
      add('Lamp', [{ priceMinor: 700, units: 5 }]),
      add('Gone', [{ priceMinor: 100, units: 5 }]),
    ]);
    const { roomId } = await show([lamp, gone, shirt]);
    const skuId = lamp.skus[0]!.skuId;
    await createOffer(house.here, { host, token, roomId, skuId, priceMinor: 700 }, { skuId, allotmentUnits: 2 });
    await data(house.here, 'DELETE', `/api/products/${gone.productId}`, token, {});
    const assistant = await account(house.here, 'Ada');
    await data(house.here, 'PUT', `/api/rooms/${roomId}/staff/${assistant.person.personId}`, token, {
      role: 'assistant',
    });
    const requestKey = newKey();

    const [first, again] = await Promise.all([take(roomId, requestKey, assistant), take(roomId, requestKey)]);
    const later = await take(roomId);
    const { offers } = await data(house.here, 'GET', `/api/rooms/${roomId}/offers`, token);

    expect(first.offers).toMatchObject([
      {
        optionValues: ['S'],
        state: 'draft',
        kind: 'cart',
        priceMinor: 1_500,
        listPriceMinor: 2_000,
        allotmentUnits: 7,
      },
      { optionValues: ['M'], state: 'draft', priceMinor: 1_200, listPriceMinor: 1_200, allotmentUnits: 1 },
    ]);
    expect(first.left).toMatchObject([{ title: { en: 'Shirt' }, optionValues: ['L'], why: 'nothing_free' }]);
    expect(again).toEqual(first);
    expect(later).toEqual({ offers: [], left: first.left });
    expect(offers.map(({ skuId: id }: { skuId: string }) => id)).toEqual([
      skuId,
      shirt.skus[0]!.skuId,
      shirt.skus[1]!.skuId,
    ]);
  });

  test('two of the staff who press at the same moment get each variant once between them', async () => {
    const { roomId } = await show([await add('Shirt', sizes)]);

    const [mine, theirs] = await Promise.all([take(roomId), take(roomId)]);
    const { offers } = await data(house.here, 'GET', `/api/rooms/${roomId}/offers`, token);

    expect(offers).toHaveLength(2);
    expect([...mine.offers, ...theirs.offers]).toHaveLength(2);
    for (const { left } of [mine, theirs]) expect(left).toMatchObject([{ optionValues: ['L'], why: 'nothing_free' }]);
  });

  test('of more than a cart holds, the first come in and the others are named', async () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ optionValues: [`${i}`], priceMinor: 100, units: 1 }));
    const [one, two, three] = [await add('One', many), await add('Two', many), await add('Three', many.slice(0, 2))];
    const { roomId } = await show([one, two, three]);

    const { offers, left } = await take(roomId);

    expect(offers).toHaveLength(200);
    expect(left).toMatchObject([
      { title: { en: 'Three' }, optionValues: ['0'], why: 'full' },
      { title: { en: 'Three' }, optionValues: ['1'], why: 'full' },
    ]);
  });
});
