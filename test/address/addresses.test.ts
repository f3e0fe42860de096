import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { addressesMax } from '../../shared/protocol/address.ts';
import { call, freshStores, guest, openSocket, send, startTestApp } from '../support/app.ts';

const home = {
  recipient: 'Ana Lima',
  phone: '+351 900 000 000',
  country: 'PT',
  city: 'Porto',
  street: 'Rua das Flores 1',
  postalCode: '4050-262',
};

describe('the address book', () => {
  let app: App;

  beforeAll(async () => {
    app = await startTestApp(await freshStores());
  });
  afterAll(() => app.close());

  let keys = 0;
  const add = (token: string, changes: object = {}) =>
    call(app, 'POST', '/api/addresses', { token, body: { ...home, requestKey: `address-${++keys}`, ...changes } });
  const list = async (token: string) => (await call(app, 'GET', '/api/addresses', { token })).body.data.addresses;

  test('the first address is the default, a later one takes its place, and there is always one', async () => {
    const token = (await guest(app)).accessToken;
    const first = (await add(token)).body.data;
    const second = (await add(token, { city: 'Lisboa', isDefault: true })).body.data;

    expect(first.isDefault).toBe(true);
    expect((await list(token)).map(({ city, isDefault }: any) => [city, isDefault])).toEqual([
      ['Lisboa', true],
      ['Porto', false],
    ]);
    await call(app, 'DELETE', `/api/addresses/${second.addressId}`, { token });
    expect(await list(token)).toEqual([first]);
  });

  test('a repeated call adds once, over HTTP and the socket', async () => {
    const session = await guest(app);
    const socket = await openSocket(app, session);
    const request = { ...home, requestKey: 'the same key' };

    const answers = await Promise.all([
      send(socket, 'address:add', request),
      ...Array.from({ length: 9 }, () => add(session.accessToken, request).then(({ body }) => body)),
    ]);

    expect(new Set(answers.map((answer) => answer.ok && answer.data.addressId)).size).toBe(1);
    expect(await list(session.accessToken)).toHaveLength(1);
    socket.close();
  });

  test('a key that was used for another address is refused', async () => {
    const token = (await guest(app)).accessToken;
    const first = await add(token, { requestKey: 'one key only' });

    const other = await add(token, { requestKey: 'one key only', city: 'Lisboa' });

    expect(other).toMatchObject({ status: 409, body: { error: { code: 'KEY_REUSED' } } });
    expect((await add(token, { requestKey: 'one key only' })).body.data).toEqual(first.body.data);
    expect(await list(token)).toHaveLength(1);
  });

  test.each(['ZZ', 'UK', 'de'])('%s is no country', async (country) => {
    expect((await add((await guest(app)).accessToken, { country })).body.error.code).toBe('BAD_INPUT');
  });

  test('nobody sees, changes or deletes the address of another', async () => {
    const owner = (await guest(app)).accessToken;
    const stranger = (await guest(app)).accessToken;
    const { addressId } = (await add(owner)).body.data;

    const changed = await call(app, 'PUT', `/api/addresses/${addressId}`, { token: stranger, body: home });
    const removed = await call(app, 'DELETE', `/api/addresses/${addressId}`, { token: stranger });

    expect([changed.status, removed.status]).toEqual([404, 404]);
    expect(await list(stranger)).toEqual([]);
    expect(await list(owner)).toHaveLength(1);
  });

  test('a book is full at its limit, also when calls come together', async () => {
    const token = (await guest(app)).accessToken;

    const answers = await Promise.all(Array.from({ length: addressesMax + 5 }, () => add(token)));

    expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
    expect(await list(token)).toHaveLength(addressesMax);
  });
});
