import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createGateLoading } from '../../server/features/sale/gate-loading.ts';
import { createRedisGate } from '../../server/features/sale/gate.redis.ts';
import { call, freshStores, startTestApp } from '../support/app.ts';
import { startChildGateway, type ChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { violationsOf } from './history.ts';
import { createRecorder, ledgerOf } from './recorder.ts';
import { buyers, buyPatiently, hold, newKey, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

let stores: Awaited<ReturnType<typeof freshStores>>;
let app: App;
let floor: ShopFloor;
let redis: Redis;
const children: ChildGateway[] = [];
const settleMsMax = 8_000;

beforeAll(async () => {
  stores = await freshStores();
  app = await startTestApp(stores);
  floor = await openShopFloor(app, { units: 10_000 });
  redis = new Redis(stores.redisUrl);
});
afterEach(() => Promise.all(children.splice(0).map((child) => child.kill())));
afterAll(async () => {
  redis.disconnect();
  await app.close();
});

async function child(env: Record<string, string> = {}): Promise<ChildGateway> {
  const gateway = await startChildGateway(stores, { NIGHTMARKET_ROLES: 'gateway', ...env });
  children.push(gateway);
  return gateway;
}

const edit = (gateway: Pick<App, 'url'>, offerId: string, changes: object) =>
  call(gateway, 'PATCH', `/api/rooms/${floor.roomId}/offers/${offerId}`, { body: changes, token: floor.token });
const inspect = (offerId: string) => createRedisGate(redis).inspect({ offerId, roomId: floor.roomId });
const gateKey = (offerId: string): string => `nm:v1:{room:${floor.roomId}}:offer:${offerId}:gate`;
/** A field that a gate keeps until it is emptied. */
const plant = (offerId: string) => redis.hset(gateKey(offerId), 'planted', '1');
const wasLoaded = async (offerId: string): Promise<boolean> => (await redis.hget(gateKey(offerId), 'planted')) === null;

test('edits in the middle of a rush on two gateways: nothing is lost, sold twice or at a price nobody set, and no order is read anew', async () => {
  const other = await child();
  const supplyUnits = 60;
  const prices = [700, 701, 702, 703, 704, 705];
  const { offerId } = await openOffer(app, floor, {
    allotmentUnits: supplyUnits,
    limitUnits: 1,
    priceMinor: prices[0]!,
  });
  await plant(offerId);
  const people = await buyers(app, 90);
  const recorder = createRecorder(floor, { offerId, units: 1 });

  const rush = people.map((buyer, i) => recorder.insist(i % 2 ? app : other, buyer, newKey()));
  for (const [i, priceMinor] of prices.entries())
    await eventually(
      async () => (await edit(i % 2 ? other : app, offerId, { priceMinor })).body.data?.priceMinor === priceMinor,
    );
  await Promise.all(rush);

  await eventually(async () => (await inspect(offerId)).pending.length === 0, { deadlineMs: settleMsMax });
  const sale = {
    offers: [{ offerId, supplyUnits, limitUnits: 1 }],
    releaseMsMax: 1_000,
    settleMsMax,
    serveMsMax: 3_000,
  };
  expect(violationsOf(sale, recorder.told, await ledgerOf(app, offerId))).toEqual([]);
  const { rows } = await app.platform.db.query(
    `SELECT held_units AS held, ARRAY(SELECT price_minor::int FROM order_lines WHERE offer_id = $1) AS paid
     FROM offers WHERE offer_id = $1`,
    [offerId],
  );
  expect(rows[0].held).toBe(supplyUnits);
  expect(prices).toEqual(expect.arrayContaining(rows[0].paid));
  expect(await inspect(offerId)).toMatchObject({ left: 0, kept: 0, isStopped: false });
  expect(await wasLoaded(offerId)).toBe(false);
}, 90_000);

test('an edit leaves orders on their way alone: what died with its gateway comes back once', async () => {
  const dying = await child({ CRASH_AT: 'before-commit' });
  const { offerId } = await openOffer(app, floor, { allotmentUnits: 2, limitUnits: 1 });
  await plant(offerId);
  const [dead, ...others] = await buyers(app, 4);
  const recorder = createRecorder(floor, { offerId, units: 1 });
  await recorder.tryOnce(dying, dead!, newKey());
  await dying.gone();

  expect((await edit(app, offerId, { allotmentUnits: 3 })).status).toBe(200);
  expect(await inspect(offerId)).toMatchObject({ left: 2, pending: [{ units: 1 }] });
  // The unit on its way is not free at the gate, and is in the ledger: it may be taken away, and then the gate can't have both.
  expect((await edit(app, offerId, { allotmentUnits: 1 })).status).toBe(200);
  expect(await wasLoaded(offerId)).toBe(false);
  await eventually(async () => (await inspect(offerId)).pending.length === 0, { deadlineMs: settleMsMax });
  expect((await edit(app, offerId, { allotmentUnits: 3 })).status).toBe(200);
  for (const buyer of others) await recorder.insist(app, buyer, newKey());
  const { rows } = await app.platform.db.query('SELECT held_units AS held FROM offers WHERE offer_id = $1', [offerId]);
  expect(rows[0].held).toBe(3);
  expect(await inspect(offerId)).toMatchObject({ left: 0, kept: 0 });
}, 40_000);

test('an edit that takes units which are on their way has the gate loaded', async () => {
  const dying = await child({ CRASH_AT: 'before-commit' });
  const { offerId } = await openOffer(app, floor, { allotmentUnits: 2, limitUnits: 1 });
  await plant(offerId);
  const [dead, alive] = await buyers(app, 2);
  await createRecorder(floor, { offerId, units: 1 }).tryOnce(dying, dead!, newKey());
  await dying.gone();
  await hold(app, floor, alive!, { offerId, units: 1 });

  expect((await edit(app, offerId, { allotmentUnits: 1 })).body.data).toMatchObject({ unitsLeft: 0 });
  expect(await wasLoaded(offerId)).toBe(true);
  expect(await inspect(offerId)).toMatchObject({ left: 0, kept: 0, pending: [] });
}, 40_000);

test.each([
  ['killed', 'SIGKILL'],
  ['that falls asleep', 'SIGSTOP'],
])(
  'a gateway %s between the gate and the commit of an edit: the edit is not there, and the offer sells on',
  async (_how, signal) => {
    const dying = await child({ CRASH_AT: 'gate-has-new-terms', CRASH_WITH: signal });
    const { offerId } = await openOffer(app, floor, { allotmentUnits: 3, limitUnits: 1, priceMinor: 700 });
    const [before, meanwhile, after] = await buyers(app, 3);
    const line = { offerId, units: 1 };
    await hold(app, floor, before!, line);

    const edited = edit(dying, offerId, { priceMinor: 650, allotmentUnits: 4 }).catch(() => null);
    await (signal === 'SIGKILL' ? dying.gone() : dying.stopped());
    const bought = await buyPatiently(app, floor, meanwhile!, line);
    if (signal === 'SIGSTOP') dying.thaw();

    expect((await edited)?.status).not.toBe(200);
    expect(bought).toMatchObject({ outcome: 'held', order: { totalMinor: 700 } });
    expect(await buyPatiently(app, floor, after!, line)).toMatchObject({ outcome: 'held', order: { totalMinor: 700 } });
    expect(await inspect(offerId)).toMatchObject({ left: 0, kept: 0, isStopped: false });
  },
  40_000,
);

test('a gate that can not be given its new terms is loaded after the commit, and why is in the log', async () => {
  const bug = new Error('a bug of a script');
  const failures: unknown[] = [];
  const gate = { retune: () => Promise.reject(bug) };
  const loading = createGateLoading({ gate, onFailure: (error: unknown) => failures.push(error) } as never);

  expect(await loading.retune(1, { audience: { who: 'all' } } as never, 0)).toBe(false);
  expect(failures).toEqual([bug]);
});
