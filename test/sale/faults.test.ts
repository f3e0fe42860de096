import { parse } from 'csv-parse/sync';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createRedisGate } from '../../server/features/sale/gate.redis.ts';
import { commitLockMsMax } from '../../server/features/sale/group-commit.ts';
import { markAgeMsMax } from '../../server/features/sale/settling.ts';
import { createSaleMetrics } from '../../server/features/sale/sale-metrics.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { call, freshStores, startTestApp } from '../support/app.ts';
import { newId } from '../../shared/ids.ts';
import { startChildGateway, type ChildGateway } from '../support/child-gateway.ts';
import { eventually } from '../support/eventually.ts';
import { holdLook } from '../support/hold-look.ts';
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import type { Told } from './history-form.ts';
import { violationsOf } from './history.ts';
import { createRecorder, illAnswered, ledgerOf } from './recorder.ts';
import {
  addProduct,
  buy,
  buyPatiently,
  buyers,
  data,
  hold,
  letExpire,
  newKey,
  openOffer,
  openShopFloor,
  type ShopFloor,
} from './shop-floor.ts';

const supplyUnits = 10;
const settleMsMax = 8_000;
/** A statement without an answer is given up after so long: what comes sooner did not wait for it. */
const commitMsMax = 12_000;

describe('faults on the path of a purchase, on two gateways', () => {
  let stores: Awaited<ReturnType<typeof freshStores>>;
  let survivor: App;
  let floor: ShopFloor;
  let redis: Redis;
  const children: ChildGateway[] = [];

  beforeAll(async () => {
    stores = await freshStores();
    survivor = await startTestApp(stores);
    floor = await openShopFloor(survivor, { units: 10_000 });
    redis = new Redis(stores.redisUrl);
  });
  afterEach(() => Promise.all(children.splice(0).map((child) => child.kill())));
  afterAll(async () => {
    redis.disconnect();
    await survivor.close();
  });

  async function child(env: Record<string, string>): Promise<ChildGateway> {
    const gateway = await startChildGateway(stores, { NIGHTMARKET_ROLES: 'gateway', ...env });
    children.push(gateway);
    return gateway;
  }

  /** All units are taken, by orders everybody was told of, and nothing is left on its way. */
  async function expectKept(told: Told, limitUnits: number, ...offerIds: string[]): Promise<void> {
    const gate = createRedisGate(redis);
    const inspect = (offerId: string) => gate.inspect({ offerId, roomId: floor.roomId });
    const isSettled = async () =>
      (await Promise.all(offerIds.map(inspect))).every(({ pending }) => pending.length === 0);
    await eventually(isSettled, { deadlineMs: settleMsMax });
    const offers = offerIds.map((offerId) => ({ offerId, supplyUnits, limitUnits }));
    const sale = { offers, releaseMsMax: 1_000, settleMsMax, serveMsMax: 3_000 };
    expect(violationsOf(sale, told, await ledgerOf(survivor, ...offerIds))).toEqual([]);
    for (const offerId of offerIds) {
      const held = 'SELECT held_units AS held FROM offers WHERE offer_id = $1';
      const { rows } = await survivor.platform.db.query<{ held: number }>(held, [offerId]);
      expect(rows[0]!.held + (await inspect(offerId)).left).toBe(supplyUnits);
    }
  }
  const repairs = async (): Promise<number> => {
    const figure = await survivor.platform.metrics.getSingleMetricAsString('nightmarket_offer_repairs_total');
    return Number(/_total (\d+)$/.exec(figure)![1]);
  };
  const ordersOf = async (offerId: string): Promise<number> => (await ledgerOf(survivor, offerId)).orders.length;

  test.each(['before-commit', 'after-commit-before-answer', 'before-clearing-marks'])(
    'a gateway killed %s: every key gets its answer elsewhere, nothing is lost or sold twice',
    async (point) => {
      const dying = await child({ CRASH_AT: point });
      const wish = { allotmentUnits: supplyUnits, limitUnits: 1 };
      const [{ offerId }, other] = [await openOffer(survivor, floor, wish), await openOffer(survivor, floor, wish)];
      const people = (await buyers(survivor, 14)).map((buyer) => ({ buyer, key: newKey() }));
      // Two lines, so that half an order would be seen.
      const recorder = createRecorder(floor, { offerId, units: 1 }, { offerId: other.offerId, units: 1 });

      await Promise.all(people.slice(0, 7).map(({ buyer, key }) => recorder.tryOnce(dying, buyer, key)));
      await dying.gone();
      const answers = await Promise.all(people.map(({ buyer, key }) => recorder.insist(survivor, buyer, key)));

      expect(answers.filter(({ answer }) => answer.outcome === 'held').length).toBeGreaterThanOrEqual(7);
      // Units of tries that died come back: whoever insists gets them.
      await eventually(
        async () => {
          for (const { buyer, key } of people) await recorder.insist(survivor, buyer, key);
          return (await ordersOf(offerId)) === supplyUnits;
        },
        { deadlineMs: settleMsMax },
      );
      await expectKept(recorder.told, 1, offerId, other.offerId);
    },
    40_000,
  );

  test('a gateway killed after it has ended an order: its units are for sale within a moment, not when an audit finds them', async () => {
    const repairsBefore = await repairs();
    const dying = await child({ CRASH_AT: 'after-ending-before-release' });
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: 1 });
    const [owner, next] = await buyers(survivor, 2);
    const { orderId } = await hold(survivor, floor, owner!, { offerId, units: 1 });

    const cancelled = call(dying, 'POST', `/api/orders/${orderId}/cancel`, { body: {}, token: owner!.accessToken });
    await cancelled.catch(() => undefined);
    await dying.gone();

    const isHeld = async () => (await buyPatiently(survivor, floor, next!, { offerId, units: 1 })).outcome === 'held';
    await eventually(isHeld);
    expect(await repairs()).toBe(repairsBefore);
  }, 40_000);

  test('a gateway killed with the last unit: the room is told that it is sold out', async () => {
    const dying = await child({ CRASH_AT: 'before-clearing-marks' });
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: 1 });
    const [last] = await buyers(survivor, 1);

    await buy(dying, floor, last!, { offerId, units: 1 }).catch(() => undefined);
    await dying.gone();

    const told = `SELECT FROM room_log_entries WHERE room_id = $1 AND kind = 'offer:sold-out' AND body->>'offerId' = $2`;
    await eventually(async () => (await survivor.platform.db.query(told, [floor.roomId, offerId])).rowCount === 1);
    const isKnown = 'SELECT FROM offers WHERE offer_id = $1 AND sell_out_told = sell_out';
    await eventually(async () => (await survivor.platform.db.query(isKnown, [offerId])).rowCount === 1);
  }, 40_000);

  test('a gateway that falls asleep before its commit and wakes up later writes nothing that was settled meanwhile', async () => {
    const sleeper = await child({ CRASH_AT: 'before-commit', CRASH_WITH: 'SIGSTOP' });
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits, limitUnits: 1 });
    const [sleepy, ...others] = await buyers(survivor, supplyUnits + 1);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    const key = newKey();
    const first = recorder.tryOnce(sleeper, sleepy!, key);
    await sleeper.stopped();

    // Its mark is settled by a tombstone, and all units are sold to others.
    await eventually(
      async () => {
        for (const buyer of others)
          await recorder.insist(survivor, buyer, `sleep-${buyer.person.personId}`.slice(0, 60));
        return (await ordersOf(offerId)) === supplyUnits;
      },
      { deadlineMs: settleMsMax },
    );
    sleeper.thaw();
    await first;

    expect((await recorder.insist(sleeper, sleepy!, key)).answer.outcome).toBe('sold_out');
    await expectKept(recorder.told, 1, offerId);
  }, 40_000);

  test('a gateway that falls asleep while it loads a gate keeps nobody from buying for long, and spoils nothing when it wakes up', async () => {
    const sleeper = await child({ CRASH_AT: 'loading-a-gate', CRASH_WITH: 'SIGSTOP' });
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: 3 });
    const [before, meanwhile, after] = await buyers(survivor, 3);
    const line = { offerId, units: 1 };
    await hold(survivor, floor, before!, line);
    await redis.del(`nm:v1:{room:${floor.roomId}}:offer:${offerId}:gate`);

    const path = `/api/rooms/${floor.roomId}/offers/${offerId}`;
    const edited = call(sleeper, 'PATCH', path, { body: { priceMinor: 650 }, token: floor.token }).catch(
      () => undefined,
    );
    await sleeper.stopped();
    const bought = await hold(survivor, floor, meanwhile!, line);
    sleeper.thaw();
    await edited;

    expect(bought.totalMinor).toBe(650);
    await hold(survivor, floor, after!, line);
    const gate = await createRedisGate(redis).inspect({ offerId, roomId: floor.roomId });
    expect(gate).toMatchObject({ left: 0, isStopped: false });
  }, 40_000);

  test('Redis is emptied in the middle of a rush: limits and keys hold, and exactly the units there are get sold', async () => {
    const other = await child({});
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits, limitUnits: 2 });
    const people = await buyers(survivor, 12);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    const epochOf = async (): Promise<number> =>
      (await survivor.platform.db.query('SELECT epoch FROM offers WHERE offer_id = $1', [offerId])).rows[0].epoch;
    const before = await epochOf();

    const rush = people.flatMap((buyer, i) =>
      [1, 2, 3].map((n) =>
        recorder.insist((i + n) % 2 ? survivor : other, buyer, `rush-${n}-${buyer.person.personId}`.slice(0, 64)),
      ),
    );
    await redis.flushall();
    await Promise.all(rush);
    await redis.flushall();
    for (const buyer of people) await recorder.insist(other, buyer, `rush-1-${buyer.person.personId}`.slice(0, 64));

    expect(await epochOf()).toBeGreaterThan(before);
    expect(await ordersOf(offerId)).toBe(supplyUnits);
    expect(illAnswered(recorder.told)).toEqual([]);
    await expectKept(recorder.told, 2, offerId);
  }, 40_000);

  test('the answer of a commit gets lost, or does not come: the buyer still gets the one order that was written, and the room sells on meanwhile', async () => {
    const proxy = await startCuttingProxy(stores.databaseUrl);
    const behind = await startTestApp(
      { ...stores, databaseUrl: proxy.url },
      { settings: { NIGHTMARKET_ROLES: 'gateway' } },
    );
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits, limitUnits: 1 });
    const people = (await buyers(survivor, 3)).map((buyer) => ({ buyer, key: newKey() }));
    const recorder = createRecorder(floor, { offerId, units: 1 });

    proxy.cutAnswerTo('INSERT INTO orders');
    await Promise.all(people.map(({ buyer, key }) => recorder.insist(behind, buyer, key)));

    expect(proxy.cuts()).toBe(1);
    expect(await ordersOf(offerId)).toBe(3);

    const [first, next] = await buyers(survivor, 2);
    const letGo = proxy.holdAnswerTo('write-plain-orders');
    const askedAtMs = performance.now();
    const hanging = recorder.insist(behind, first!, newKey());
    await eventually(async () => (await ordersOf(offerId)) === 4);
    const meanwhile = await recorder.insist(behind, next!, newKey());
    expect((await hanging).answer.outcome).toBe('held');
    expect(meanwhile.answer.outcome).toBe('held');
    expect(performance.now() - askedAtMs).toBeLessThan(commitMsMax);
    letGo();
    const seen = `SELECT sum(1 + (body->>'others')::int)::int AS buyers FROM room_log_entries
      WHERE room_id = $1 AND kind = 'offer:bought' AND body->>'offerId' = $2`;
    await eventually(
      async () => (await survivor.platform.db.query(seen, [floor.roomId, offerId])).rows[0].buyers === 5,
    );
    await expectKept(recorder.told, 1, offerId);
    await behind.close();
    await proxy.close();
  }, 40_000);

  test('while PostgreSQL is stuck nobody is told anything false; afterwards every key has one answer', async () => {
    const other = await child({});
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits, limitUnits: 1 });
    const people = (await buyers(survivor, 14)).map((buyer) => ({ buyer, key: newKey() }));
    const recorder = createRecorder(floor, { offerId, units: 1 });
    const blocker = new pg.Client(stores.databaseUrl);
    await blocker.connect();
    await blocker.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE');

    const rush = people.map(({ buyer, key }, i) => recorder.insist(i % 2 ? survivor : other, buyer, key));
    const gate = createRedisGate(redis);
    await eventually(async () => (await gate.overdue({ offerId, roomId: floor.roomId }, 3_200, 1)).length > 0);
    expect(recorder.told.attempts.filter(({ answer }) => answer.outcome === 'held')).toEqual([]);
    await blocker.query('COMMIT');
    await blocker.end();
    await Promise.all(rush);
    expect(illAnswered(recorder.told)).toEqual([]);

    await eventually(
      async () => {
        for (const { buyer, key } of people) await recorder.insist(survivor, buyer, key);
        return (await ordersOf(offerId)) === supplyUnits;
      },
      { deadlineMs: settleMsMax },
    );
    await expectKept(recorder.told, 1, offerId);
  }, 40_000);

  test('while a commit hangs with its rows, what was taken after it goes back to the gate in time; it is waited for, and every key has one order', async () => {
    const { db } = survivor.platform;
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits, limitUnits: 1 });
    // Whoever counts the first order has the row in its hands.
    await db.query(`
      CREATE FUNCTION be_slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NEW; END';
      CREATE TRIGGER slow BEFORE UPDATE ON offers FOR EACH ROW WHEN (NEW.offer_id = '${offerId}' AND NEW.held_units = 1)
        EXECUTE FUNCTION be_slow()`);
    const [first, ...others] = await buyers(survivor, 4);
    const recorder = createRecorder(floor, { offerId, units: 1 });
    const keys = others.map(() => newKey());

    const hanging = recorder.insist(survivor, first!, 'slow-commit');
    const sleeps = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`;
    await eventually(async () => (await db.query(sleeps)).rowCount === 1);
    const answers = await Promise.all(others.map((buyer, i) => recorder.tryOnce(survivor, buyer, keys[i]!)));
    expect(answers.map(({ answer }) => answer.outcome)).toEqual(Array(3).fill('retry'));
    await eventually(async () => {
      const { left, pending } = await createRedisGate(redis).inspect({ offerId, roomId: floor.roomId });
      return left === supplyUnits - 1 && pending.length === 1 && pending[0]!.requestKey === 'slow-commit';
    });
    expect((await hanging).answer.outcome).toBe('held');
    for (const [i, buyer] of others.entries()) await recorder.insist(survivor, buyer, keys[i]!);
    expect(await ordersOf(offerId)).toBe(4);
    await db.query('DROP FUNCTION be_slow CASCADE');
    await expectKept(recorder.told, 1, offerId);
  }, 40_000);

  test('an order whose offer is locked for long is given up, and tried anew, with nobody to settle its mark', async () => {
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: 1 });
    const [buyer] = await buyers(survivor, 1);
    const gate = createRedisGate(redis);
    const letSettle = await holdLook(survivor, 'settle marks');
    const blocker = new pg.Client(stores.databaseUrl);
    await blocker.connect();
    await blocker.query(`BEGIN; SELECT FROM offers WHERE offer_id = '${offerId}' FOR UPDATE`);

    const bought = buyPatiently(survivor, floor, buyer!, { offerId, units: 1 });
    const tried = new Set<string>();
    await eventually(async () => {
      const { pending } = await gate.inspect({ offerId, roomId: floor.roomId });
      pending.forEach(({ orderId }) => tried.add(orderId));
      return tried.size > 1;
    });
    await blocker.query('COMMIT');
    await blocker.end();

    expect((await bought).outcome).toBe('held');
    expect(commitLockMsMax).toBeLessThan(markAgeMsMax);
    await letSettle();
  });

  test('stock that an import holds keeps no order from ending and no offer from selling; a late payment is tried again, and takes nothing meanwhile', async () => {
    const shop = await openShopFloor(survivor);
    const skuId = await addProduct(survivor, shop.host);
    const open = await openOffer(survivor, shop, { allotmentUnits: 4 });
    const closed = await openOffer(survivor, shop, { skuId, allotmentUnits: 2 });
    const cart = [open, closed].map(({ offerId }) => ({ offerId, units: 1 }));
    const [late, other, next] = await buyers(survivor, 3);
    const ofLate = await hold(survivor, shop, late!, cart);
    const ofOther = await hold(survivor, shop, other!, cart);
    const path = `/api/rooms/${shop.roomId}/offers`;
    await data(survivor, 'POST', `${path}/${closed.offerId}/close`, shop.token, {});
    const importer = new pg.Client(stores.databaseUrl);
    await importer.connect();
    await importer.query(`BEGIN; SELECT FROM skus WHERE sku_id IN ('${skuId}', '${shop.skuId}') FOR UPDATE`);
    const query = async (sql: string) => (await survivor.platform.db.query(sql)).rows;

    await letExpire(survivor, ofLate.orderId);
    const left = await data(survivor, 'POST', `/api/orders/${ofOther.orderId}/cancel`, other!.accessToken, {});
    await data(survivor, 'PATCH', `${path}/${open.offerId}`, shop.token, { allotmentUnits: 3 });
    const products = `/api/shops/${shop.host.person.personId}/products.csv`;
    const file: Record<string, string>[] = parse((await call(survivor, 'GET', products, { token: shop.token })).body, {
      columns: true,
    });
    const paymentId = newId();
    const pay = () => survivor.ledger.pay(ofLate.orderId, paymentId);
    await expect(pay()).rejects.toMatchObject({ code: 'RETRY' });
    const atGate = await createRedisGate(redis).inspect({ offerId: open.offerId, roomId: shop.roomId });
    await hold(survivor, shop, next!, { offerId: open.offerId, units: 1 });

    expect(left.outcome).toBe('cancelled');
    // Nothing was sold: what is on its way back is neither lost nor there twice.
    expect(file.map((row) => row['Variant Inventory Qty'])).toEqual(['100', '100']);
    expect(atGate).toMatchObject({ left: 3, pending: [] });
    await importer.query('COMMIT');
    await importer.end();
    expect(await eventually(pay)).toBe('retaken');
    const units = `SELECT free_units AS free, (SELECT sum(delta_units)::int FROM stock_movements m WHERE m.sku_id = s.sku_id) AS moved
      FROM skus s WHERE sku_id IN ('${skuId}', '${shop.skuId}') ORDER BY free_units`;
    const booked = [97, 99].map((free) => ({ free, moved: free }));
    await eventually(async () => JSON.stringify(await query(units)) === JSON.stringify(booked));
  });

  test('while Redis takes no writes nothing is sold, and a key may be tried again', async () => {
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits });
    const [buyer] = await buyers(survivor, 1);
    const key = newKey();
    const line = { offerId, units: 1 };

    await redis.config('SET', 'min-replicas-to-write', 1);
    const refused = await buy(survivor, floor, buyer!, line, key);
    await redis.config('SET', 'min-replicas-to-write', 0);

    expect(refused).toMatchObject({ ok: false, error: { code: 'RETRY', retryable: true } });
    expect((await buyPatiently(survivor, floor, buyer!, line, key)).outcome).toBe('held');
  });

  test('units missing at the gate are found by the auditor and come back; too many are taken away at once', async () => {
    const { offerId } = await openOffer(survivor, floor, { allotmentUnits: supplyUnits });
    const key = `nm:v1:{room:${floor.roomId}}:offer:${offerId}:gate`;
    const unreadable = await openOffer(survivor, floor);
    const marks = `nm:v1:{room:${floor.roomId}}:offer:${unreadable.offerId}:marks`;
    await redis.set(marks, 'no hash');
    const repairsBefore = await repairs();

    // As if it had sold out, been told, and had units again when its gateway died.
    await survivor.platform.db.query('UPDATE offers SET sell_out_told = sell_out WHERE offer_id = $1', [offerId]);
    await redis.hset(key, 'left', 4);
    await eventually(async () => (await redis.hget(key, 'left')) === '10', { deadlineMs: 15_000 });
    await redis.hset(key, 'left', 40);
    await eventually(async () => (await redis.hget(key, 'left')) === '10', { deadlineMs: 15_000 });

    await redis.del(marks);
    expect(await repairs()).toBeGreaterThanOrEqual(repairsBefore + 2);
    const next = 'SELECT FROM offers WHERE offer_id = $1 AND sell_out > sell_out_told';
    expect((await survivor.platform.db.query(next, [offerId])).rowCount).toBe(1);
  }, 40_000);
});

test('the figure of an audit is shown for a while by who made it: workers take turns', async () => {
  const metrics = createMetrics({ processFigures: false });
  let nowMs = 0;
  const figures = createSaleMetrics(metrics, { queue: { waitingCount: 0 }, commits: { uncommitted: 0 } }, () => nowMs);
  const shown = () => metrics.getSingleMetricAsString('nightmarket_offer_drift_units');
  const offer = { offerId: 'O', roomId: 'R' };

  expect(await shown()).not.toMatch(/_units \d/);
  figures.found({ offer, driftUnits: -3, isStopped: false });
  figures.auditEnded();
  expect(await shown()).toMatch(/_units 3$/);
  nowMs = 60_000;
  expect(await shown()).not.toMatch(/_units \d/);
});
