import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../server/platform/embedded/postgres.ts';
import { startEmbeddedRedis, type EmbeddedRedis } from '../../server/platform/embedded/redis.ts';
import { ask, luckyBag, nonce } from '../giveaway/show.ts';
import { buyPatiently, buyers, data, hold, openOffer, openShopFloor } from '../sale/shop-floor.ts';
import { account, call, guest, openSocket, send, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { folderOfFile } from '../support/temporary-folder.ts';

/** What `npm start` runs on where nothing at all is installed. */
let app: App;
let stores: [EmbeddedPostgres, EmbeddedRedis];

beforeAll(async () => {
  const dataDir = folderOfFile();
  const log = () => undefined;
  stores = await Promise.all([
    startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), log, settings: { fsync: 'off' } }),
    startEmbeddedRedis({ dataDir: join(dataDir, 'redis'), log, kind: 'js-redis-server' }),
  ]);
  const [postgres, redis] = stores;
  app = await startTestApp({ databaseUrl: postgres.url, redisUrl: redis.url });
}, 90_000);
afterAll(async () => {
  await app.close();
  await Promise.all(stores.map((store) => store.stop()));
});

test('a guest signs in, opens a socket, is known there, and is shown out, on the embedded pair', async () => {
  const session = await guest(app, 'Ana');
  const socket = await openSocket(app, session);
  const closed = new Promise((resolve) => socket.once('disconnect', resolve));

  const ready = await fetch(`${app.url}/readyz`);
  const who = await send(socket, 'session:who', {});
  const out = await call(app, 'POST', '/api/session/sign-out', { token: session.accessToken, body: {} });

  expect(ready.status).toBe(200);
  expect(who).toMatchObject({ ok: true, data: { name: 'Ana' } });
  expect(out.body).toMatchObject({ ok: true, data: { ended: 1 } });
  await closed;
});

test('a whole show runs on the embedded pair: talk, likes, a sale to the last unit, a waiting list, a lucky bag', async () => {
  const floor = await openShopFloor(app);
  const { roomId } = floor;
  const offer = await openOffer(app, floor, { allotmentUnits: 2, limitUnits: 1 });
  const [first, second] = await buyers(app, 2);
  const third = await account(app);
  const viewer = { socket: await openSocket(app, third) };
  onTestFinished(() => void viewer.socket.close());
  const heard: string[] = [];
  viewer.socket.on('room:frame', (frame: unknown) => heard.push(JSON.stringify(frame)));
  await ask(viewer, 'room:join', { roomId });

  expect(await ask(viewer, 'chat:send', { roomId, text: 'Good evening', requestKey: 'said once' })).toMatchObject({
    outcome: 'sent',
  });
  await ask(viewer, 'room:like', { roomId, likes: 7, tally: 'tally-1234' });
  const line = { offerId: offer.offerId, units: 1 };
  const order = await hold(app, floor, first!, line);
  expect(await buyPatiently(app, floor, first!, line)).toMatchObject({ outcome: 'limit' });
  await hold(app, floor, second!, line);
  expect(await buyPatiently(app, floor, third, line)).toMatchObject({ outcome: 'sold_out' });
  expect(await ask(viewer, 'offer:wait', { roomId, offerId: offer.offerId, units: 1 })).toMatchObject({ position: 1 });
  const served = new Promise((resolve) => viewer.socket.once('offer:served', resolve));
  await data(app, 'POST', `/api/orders/${order.orderId}/cancel`, first!.accessToken, {});
  expect(await served).toMatchObject({ offerId: offer.offerId });
  const bag = luckyBag(roomId, Date.now());
  const { giveawayId } = await data(app, 'POST', `/api/rooms/${roomId}/giveaways`, floor.token, bag);
  expect(await ask(viewer, 'giveaway:enter', { giveawayId, nonce: nonce() })).toMatchObject({ outcome: 'entered' });
  await data(app, 'POST', `/api/rooms/${roomId}/offers/${offer.offerId}/close`, floor.token, {});

  await eventually(() =>
    ['Good evening', 'offer:sold-out', 'giveaway:published', 'offer:ended'].every((what) =>
      heard.join().includes(what),
    ),
  );
  const { entries } = await ask(viewer, 'room:join', { roomId });
  expect(entries.length).toBeGreaterThan(3);
  for (const { kind, atMs } of entries) expect(Math.abs(atMs - Date.now()), kind).toBeLessThan(60_000);
});
