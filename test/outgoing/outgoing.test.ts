import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createNameLookup } from '../../server/features/outgoing/name-lookup.ts';
import type { NoAnswer } from '../../server/features/outgoing/no-answer.ts';
import { createPost } from '../../server/features/outgoing/post.ts';
import { createAddressRule } from '../../server/features/outgoing/public-address.ts';
import { retryAfterSeconds } from '../../server/features/outgoing/retry-plan.ts';
import { call, freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { paidOrder } from '../payments/till.ts';
import { startReceiver } from './receiver.ts';
import { buyers, data, hold, newKey, openOffer, openShopFloor, type ShopFloor } from '../sale/shop-floor.ts';

describe('webhooks to a shop', () => {
  let app: App;
  let floor: ShopFloor;
  let hooks: string;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    app = await startTestApp(await freshStores(), {
      settings: { NIGHTMARKET_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.1/32' },
    });
    floor = await openShopFloor(app);
    hooks = `/api/shops/${floor.host.person.personId}/webhooks`;
  });
  afterEach(() => Promise.all(closers.splice(0).map((close) => close())));
  afterAll(() => app.close());

  /** An endpoint of the shop until the test ends. */
  async function listen(statusOf?: (count: number) => number) {
    const receiver = await startReceiver(statusOf);
    const endpoint = await data(app, 'POST', hooks, floor.token, { url: receiver.url, requestKey: newKey() });
    closers.push(receiver.close, () => data(app, 'DELETE', `${hooks}/${endpoint.endpointId}`, floor.token));
    const { endpointId, secret } = endpoint as { endpointId: string; secret: string };
    return { ...receiver, endpointId, secret, deliveriesPath: `${hooks}/${endpoint.endpointId}/deliveries` };
  }
  const tryAgainNow = () =>
    app.platform.db.query(
      // What is leased is under way, and not ours to move.
      `UPDATE outgoing_deliveries SET next_try_at = now() WHERE state = 'waiting' AND next_try_at < now() + interval '20 s'`,
    );

  test('every change of an order is told, signed, until it is taken: the same message at every try', async () => {
    const { received, secret, deliveriesPath } = await listen((count) => (count === 1 ? 500 : 204));
    const { offerId } = await openOffer(app, floor);

    const triesOfFirst = () =>
      received.filter(({ headers }) => headers['webhook-id'] === received[0]!.headers['webhook-id']);

    const { orderId } = await paidOrder(app, floor, { offerId });

    const taken = await eventually(async () => {
      await tryAgainNow();
      const kinds = received.slice(1).map(({ body }) => JSON.parse(body).type as string);
      const isWhole = ['order.held', 'order.delivery-chosen', 'order.paid'].every((kind) => kinds.includes(kind));
      return isWhole && triesOfFirst().length > 1 ? received : null;
    });
    for (const { headers, body } of taken) {
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ data: { orderId } });
    }
    expect(new Set(triesOfFirst().map(({ body }) => body)).size).toBe(1);
    await eventually(async () => {
      const { deliveries } = await data(app, 'GET', deliveriesPath, floor.token);
      return deliveries.every(({ state }: { state: string }) => state === 'delivered');
    });
  });

  test('what is rolled back is not told; what was told can be sent again', async () => {
    const { received, deliveriesPath } = await listen();
    const { offerId } = await openOffer(app, floor);
    const [buyer] = await buyers(app, 1);
    const { orderId } = await hold(app, floor, buyer!, { offerId, units: 1 });
    const client = await app.platform.db.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO order_events (order_id, kind) VALUES ($1, 'never')`, [orderId]);
    await client.query('ROLLBACK');
    client.release();
    await eventually(() => received.length === 1);

    const { deliveries } = await data(app, 'GET', deliveriesPath, floor.token);
    await data(app, 'POST', `${deliveriesPath}/${deliveries[0].deliveryId}/resend`, floor.token, {});

    await eventually(() => received.length === 2);
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(deliveries[0].deliveryId));
    expect(deliveries).toHaveLength(1);
  });

  test('an address that fails for a day is left alone until it is enabled, and then hears what it missed', async () => {
    let isUp = false;
    const { received, endpointId } = await listen(() => (isUp ? 204 : 302));
    const { offerId } = await openOffer(app, floor);
    const [buyer] = await buyers(app, 1);
    await app.platform.db.query(
      `UPDATE outgoing_endpoints SET failures = 29, failing_since = now() - interval '25 h' WHERE endpoint_id = $1`,
      [endpointId],
    );
    await hold(app, floor, buyer!, { offerId, units: 1 });
    const endpointNow = async () =>
      (await data(app, 'GET', hooks, floor.token)).endpoints.find((one: any) => one.endpointId === endpointId);
    await eventually(async () => (await endpointNow()).state === 'disabled');
    expect(received).toHaveLength(1);

    isUp = true;
    await tryAgainNow();
    await data(app, 'POST', `${hooks}/${endpointId}/enable`, floor.token, {});

    await eventually(() => received.length === 2);
    await eventually(async () => (await endpointNow()).failures === 0);
  });

  test('the shop alone sees its addresses; five are enough; the same key adds once', async () => {
    const [stranger] = await buyers(app, 1);
    const requestKey = newKey();
    const add = (url: string, key = newKey()) =>
      call(app, 'POST', hooks, { token: floor.token, body: { url, requestKey: key } });

    const first = await add('https://shop.example/hook', requestKey);
    expect((await add('https://shop.example/hook', requestKey)).body).toEqual(first.body);
    expect((await add('https://other.example/hook', requestKey)).body.error.code).toBe('KEY_REUSED');
    for (let n = 2; n <= 5; n++) expect((await add(`https://shop.example/${n}`)).status).toBe(200);
    expect((await add('https://shop.example/6')).body.error.code).toBe('CONFLICT');
    for (const [url, reason, said] of [
      ['https://user:word@shop.example/', 'address-names-user', 'user'],
      ['http://93.184.215.14/', 'address-not-https', 'https'],
      ['https://93.184.215.14:6379/', 'address-other-port', '443'],
      ['https://10.0.0.1/', 'address-not-public', 'public'],
    ] as const) {
      const message = expect.stringContaining(said);
      expect((await add(url)).body.error).toMatchObject({ code: 'BAD_INPUT', reason, message });
    }
    expect((await add('ftp://shop.example/')).body.error.code).toBe('BAD_INPUT');
    expect((await call(app, 'GET', hooks, { token: stranger!.accessToken })).status).toBe(403);
    const { endpoints } = await data(app, 'GET', hooks, floor.token);
    expect(JSON.stringify(endpoints)).not.toContain('whsec');
    for (const { endpointId } of endpoints) await data(app, 'DELETE', `${hooks}/${endpointId}`, floor.token);
  });
});

describe('nothing of our own network is reached on behalf of a shop', () => {
  const lookup = async () => ['127.0.0.1'];
  const post = createPost({ rule: createAddressRule([]), lookup });
  const stop = new AbortController().signal;

  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://017700000001/',
    'https://a-name-for-localhost.example/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.1.2.3/',
    'http://172.20.0.1/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    'http://0.0.0.0/',
    'http://224.0.0.1/',
  ])('%s', async (url) => {
    await expect(post({ url, headers: {}, body: '{}' }, stop)).rejects.toThrow('not a public address');
  });

  test('public addresses are, and networks that the operator allows', () => {
    const rule = createAddressRule(['10.1.0.0/16', 'fd00::/8']);
    for (const address of ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
      expect(rule(address), address).toBe('public');
    for (const address of ['10.1.2.3', 'fd00::1']) expect(rule(address), address).toBe('own');
    for (const address of ['10.2.0.1', '2001:db8::1', '::ffff:10.2.0.1'])
      expect(rule(address), address).toBe('refused');
  });

  test.each([
    ['http://shop.example/', '93.184.215.14', 'must begin with https://'],
    ['https://shop.example:22/', '93.184.215.14', 'must use the port of https, 443'],
  ])('%s is refused at %s, whatever own networks are allowed', async (url, address, message) => {
    const rule = createAddressRule(['127.0.0.0/8']);
    const outside = createPost({ rule, lookup: async () => [address] });
    await expect(outside({ url, headers: {}, body: '{}' }, stop)).rejects.toThrow(message);
  });
});

describe('a try ends', () => {
  const stop = new AbortController().signal;
  const rule = createAddressRule(['127.0.0.1/32']);
  const lookup = async () => ['127.0.0.1'];
  const inside = createPost({ rule, lookup, answerMsMax: 300 });
  const message = (url: string) => ({ url, headers: {}, body: '{}' });

  const whyOf = (error: unknown) => (error as NoAnswer).why;

  /** A server of bytes until the test ends, and what a try at it came to. */
  async function tryAt(protocol: 'http' | 'https', serve: (socket: Socket) => void) {
    const sockets: Socket[] = [];
    const server = createTcpServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      serve(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const answer = await inside(message(url), stop).catch(whyOf);
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    return answer;
  }

  test('with the status, also of a redirect', async () => {
    const receiver = await startReceiver(() => 307);
    expect(await inside(message(receiver.url), stop)).toBe(307);
    expect(receiver.received).toHaveLength(1);
    await receiver.close();
  });

  test.each([
    [
      'another protocol is spoken',
      'http',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    ],
    ['something else is spoken', 'http', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ] as const)('without an answer when %s', async (_why, protocol, bytes) => {
    expect(await tryAt(protocol, (socket) => socket.end(bytes))).toBe('no answer');
  });

  test('without a secure connection where none is offered', async () => {
    expect(await tryAt('https', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).toBe(
      'no secure connection',
    );
  });

  test('at its deadline, and in no other words', async () => {
    expect(await tryAt('http', (socket) => socket.resume())).toBe('no answer in time');
  });

  test('when the name server is silent: at its deadline, and when it is told to stop', async () => {
    const nameServer = createSocket('udp4').bind(0, '127.0.0.1');
    await once(nameServer, 'listening');
    const silent = createNameLookup([`127.0.0.1:${nameServer.address().port}`]);
    const url = 'https://shop.example/';
    const leaving = new AbortController();

    const late = createPost({ rule, lookup: silent, answerMsMax: 100 })(message(url), stop).catch(whyOf);
    const stopped = createPost({ rule, lookup: silent })(message(url), leaving.signal).catch(whyOf);
    await once(nameServer, 'message');
    leaving.abort();

    expect([await late, await stopped]).toEqual(['no answer in time', 'no answer']);
    nameServer.close();
    await once(nameServer, 'close');
  }, 1_500);

  test('the wait between tries grows, and ends', () => {
    const waits = Array.from({ length: 11 }, (_, i) => retryAfterSeconds(i + 1, 0));
    expect(waits.slice(0, 10)).toEqual([...waits.slice(0, 10)].sort((a, b) => a! - b!));
    expect(waits[10]).toBeNull();
    expect(retryAfterSeconds(1, 1)).toBeCloseTo(6);
  });
});
