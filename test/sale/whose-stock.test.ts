import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { account, call, freshStores, startTestApp } from '../support/app.ts';
import { addProduct, createOffer, data, newKey, openShopFloor, type OfferWish, type ShopFloor } from './shop-floor.ts';

// No unit of a shop is sold at terms that neither its owner nor, for the host's own stock, the host's staff decided.
describe('an assistant who brought stock of their own', () => {
  let app: App;
  let floor: ShopFloor;
  let assistant: Session;
  let theirs: ShopFloor;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
    floor = await openShopFloor(app);
    assistant = await account(app);
    const token = assistant.accessToken;
    await data(app, 'PUT', '/api/shop', token, { name: 'Side table', currency: 'EUR' });
    theirs = { ...floor, token, skuId: await addProduct(app, assistant, { units: 10 }) };
    await employ('assistant');
  });
  afterAll(() => app.close());

  const employ = (role: 'assistant' | null) =>
    data(app, 'PUT', `/api/rooms/${floor.roomId}/staff/${assistant.person.personId}`, floor.token, { role });
  const offer = (wish: OfferWish = {}) => createOffer(app, theirs, { allotmentUnits: 2, ...wish });
  const ask = async (token: string, method: string, path: string, body: object = {}) =>
    (await call(app, method, `/api/rooms/${floor.roomId}/offers${path}`, { token, body })).body;

  test.each([
    ['edit', 'PATCH', '', { priceMinor: 0 }],
    ['open', 'POST', '/open', {}],
    ['repeat', 'POST', '/repeat', { requestKey: newKey() }],
  ])('alone may %s it', async (_verb, method, path, body) => {
    const { offerId } = await offer();

    const byHost = await ask(floor.token, method, `/${offerId}${path}`, body);
    const byOwner = await ask(theirs.token, method, `/${offerId}${path}`, body);

    expect(byHost.error?.code).toBe('FORBIDDEN');
    expect(byOwner.ok).toBe(true);
  });

  test('runs the offers of the host like the host', async () => {
    const { offerId } = await createOffer(app, floor);

    expect((await ask(theirs.token, 'PATCH', `/${offerId}`, { priceMinor: 600 })).data.priceMinor).toBe(600);
    expect((await ask(theirs.token, 'POST', `/${offerId}/open`)).data.outcome).toBe('opened');
  });

  test('and has left keeps the terms of what is on sale, and may end it', async () => {
    const { offerId } = await offer();
    await ask(theirs.token, 'POST', `/${offerId}/open`);
    const other = await offer();
    await employ(null);

    const byHost = await ask(floor.token, 'PATCH', `/${offerId}`, { priceMinor: 0 });
    const draft = await ask(floor.token, 'POST', `/${other.offerId}/open`);
    const edited = await ask(theirs.token, 'PATCH', `/${offerId}`, { priceMinor: 1 });
    const ended = await ask(theirs.token, 'POST', `/${offerId}/close`);
    await employ('assistant');

    expect([byHost, draft, edited].map(({ error }) => error?.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    expect(ended.data).toMatchObject({ state: 'ended', priceMinor: 700 });
  });
});
