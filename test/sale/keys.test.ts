import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { createRedisGate } from '../../server/features/sale/gate.redis.ts';
import { createOfferCache } from '../../server/features/sale/offer-cache.ts';
import { createSaleClock } from '../../server/features/sale/sale-clock.ts';
import type { OfferTerms } from '../../server/features/sale/offer-terms.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import {
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

test('of the people who have orders of offers that are over so many are kept; past it those of the offer known longest go', async () => {
  const roomId = 'room';
  const closed = { state: 'closed', epoch: 1, audience: { who: 'all' } } as OfferTerms;
  const cache = createOfferCache({
    store: { find: async ([offerId]) => [{ ...closed, roomId, offerId: offerId! }] },
    holdersOf: async () => ({ epoch: 1, releases: 0, left: 0, buyers: new Set(['first', 'second']) }),
    trusted: () => true,
    staleMsMax: 1_000,
    keptMax: 3,
  });
  const known = async (offerId: string) => {
    await cache.get(offerId);
    await eventually(() => cache.refusalOf(roomId, offerId, 'stranger') === 'ended');
  };

  await known('older');
  await known('newer');

  expect(cache.refusalOf(roomId, 'older', 'stranger')).toBeNull();
  expect(cache.refusalOf(roomId, 'newer', 'stranger')).toBe('ended');
  expect(cache.refusalOf(roomId, 'newer', 'first')).toBeNull();
});

test('"not open yet" is said by a clock that the gate told lately, and by no other', async () => {
  const lamp = { offerId: 'lamp', roomId: 'room', state: 'open', epoch: 1, opensAtMs: 60_000 };
  let nowMs = 0;
  const cache = createOfferCache({
    store: { find: async () => [{ ...lamp, audience: { who: 'all' } } as OfferTerms] },
    holdersOf: async () => null,
    trusted: () => true,
    staleMsMax: 1_000,
    monotonicMs: () => nowMs,
  });
  await cache.get('lamp');
  const refusal = () => cache.refusalOf('room', 'lamp', 'stranger');

  expect(refusal()).toBeNull();
  cache.learnClock(50_000, 1_000);
  expect(refusal()).toBeNull();
  cache.learnClock(50_000, 5);
  expect(refusal()).toBe('not_open');
  nowMs += 5_000;
  expect([refusal(), cache.gateNowMs()]).toEqual([null, null]);

  // A crowd at the opening asks the gate once, also when that fails, and what it says is known from then on.
  const answers = [Promise.reject(new Error('away')), Promise.resolve(50_100)];
  let asked = 0;
  const saleNowMs = createSaleClock({
    knownMs: cache.gateNowMs,
    askMs: () => answers[asked++]!,
    learn: cache.learnClock,
  });
  const crowd = () => Promise.allSettled([saleNowMs(), saleNowMs()]);
  expect((await crowd()).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect((await crowd()).map((answer) => answer.status === 'fulfilled' && answer.value)).toEqual([50_100, 50_100]);
  expect([asked, refusal(), await saleNowMs()]).toEqual([2, 'not_open', 50_100]);
});

test('who makes a gateway look at the terms again does not make it forget that all is sold', async () => {
  const lamp = { offerId: 'lamp', roomId: 'room', state: 'open', epoch: 1, opensAtMs: 0 };
  const open = { ...lamp, audience: { who: 'all' } } as OfferTerms;
  let [reads, scans] = [0, 0];
  const cache = createOfferCache({
    store: {
      async find() {
        reads++;
        return [open];
      },
    },
    async holdersOf() {
      scans++;
      return { epoch: 1, releases: 0, left: 0, buyers: new Set(['first']) };
    },
    trusted: () => true,
    staleMsMax: 1_000,
  });
  await cache.get('lamp');
  cache.learn('lamp', { epoch: 1, left: 0, releases: 0, reopenedAtMs: 0 });
  await eventually(() => cache.refusalOf('room', 'lamp', 'stranger') === 'sold_out');

  const looks = Array.from({ length: 50 }, () => cache.refresh('lamp'));
  expect(cache.refusalOf('room', 'lamp', 'stranger')).toBe('sold_out');
  await Promise.all(looks);

  expect(cache.refusalOf('room', 'lamp', 'stranger')).toBe('sold_out');
  expect(cache.refusalOf('another room', 'lamp', 'stranger')).toBeNull();
  expect([reads, scans]).toEqual([2, 1]);
});

describe('a key keeps its answer, on two gateways', () => {
  let here: App;
  let there: App;
  let floor: ShopFloor;

  beforeAll(async () => {
    const stores = await freshStores();
    here = await startTestApp(stores);
    there = await startTestApp(stores);
    floor = await openShopFloor(here, { units: 10_000 });
  });
  afterAll(() => Promise.all([here.close(), there.close()]));

  const cancel = (orderId: string, token: string) => data(here, 'POST', `/api/orders/${orderId}/cancel`, token, {});
  /** Asks until a gateway refuses without asking the gate. */
  async function refusedByHeart(app: App, buyer: Session, offerId: string): Promise<void> {
    await buyPatiently(app, floor, buyer, { offerId, units: 1 });
    const takes = countTakes(app);
    await eventually(async () => {
      const before = takes();
      const { outcome } = await buyPatiently(app, floor, buyer, { offerId, units: 1 });
      return outcome === 'sold_out' && takes() === before;
    });
  }

  const close = (offerId: string) =>
    data(here, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/close`, floor.token, {});
  const epochOf = async (offerId: string) =>
    (await here.platform.db.query('SELECT epoch FROM offers WHERE offer_id = $1', [offerId])).rows[0].epoch;

  test.each([
    ['sold out by others', async () => undefined],
    ['sold out by others, and Redis was emptied', () => here.platform.redis.commands.flushall()],
  ])('the key of a hold that has ended is answered with its order when the offer is %s', async (_, happens) => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [first, second, stranger] = await buyers(here, 3);
    const key = newKey();
    const { orderId } = await hold(here, floor, first!, { offerId, units: 1 }, key);
    await cancel(orderId, first!.accessToken);
    await eventually(() => hold(here, floor, second!, { offerId, units: 1 }));
    await happens();

    // Both gateways know that it is sold out, one of them by heart.
    for (const gateway of [here, there, here])
      expect((await buyPatiently(gateway, floor, stranger!, { offerId, units: 1 })).outcome).toBe('sold_out');

    for (const gateway of [here, there])
      expect(await buyPatiently(gateway, floor, first!, { offerId, units: 1 }, key)).toMatchObject({
        outcome: 'held',
        order: { orderId, state: 'cancelled' },
      });
    expect((await buyPatiently(here, floor, first!, { offerId, units: 1 })).outcome).toBe('sold_out');
  });

  test('the key of a late order that was paid after all is answered with it', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 3 });
    const [buyer] = await buyers(here, 1);
    const key = newKey();
    const { orderId } = await hold(here, floor, buyer!, { offerId, units: 1 }, key);
    await letExpire(here, orderId);
    expect(await here.ledger.pay(orderId, crypto.randomUUID())).toBe('retaken');

    const again = await buyPatiently(there, floor, buyer!, { offerId, units: 1 }, key);

    expect(again).toMatchObject({ outcome: 'held', order: { orderId, state: 'paid' } });
    expect(await buy(there, floor, buyer!, { offerId, units: 2 }, key)).toMatchObject({
      error: { code: 'KEY_REUSED' },
    });
  });

  test('an order from units that just came back is told when no gateway can still take the offer for sold out', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [first, second] = await buyers(here, 2);
    const { orderId } = await hold(here, floor, first!, { offerId, units: 1 });
    const key = newKey();
    // This gateway knows by heart that nothing is left, and does not hear of anything any more.
    await refusedByHeart(there, second!, offerId);
    const unheard: unknown[] = [];
    const listeners = there.platform.redis.subscriber.listeners('message') as ((...message: unknown[]) => void)[];
    there.platform.redis.subscriber.removeAllListeners('message');
    there.platform.redis.subscriber.on('message', (...message) => unheard.push(message));
    const ping = there.platform.redis.subscriber.ping;
    there.platform.redis.subscriber.ping = (() => new Promise(() => undefined)) as typeof ping;

    await cancel(orderId, first!.accessToken);
    await eventually(() => hold(here, floor, second!, { offerId, units: 1 }, key));
    const again = await buyPatiently(there, floor, second!, { offerId, units: 1 }, key);

    expect(unheard).not.toEqual([]);
    expect(again.outcome).toBe('held');
    there.platform.redis.subscriber.ping = ping;
    listeners.forEach((listener) => there.platform.redis.subscriber.on('message', listener));
  });

  test('what a gateway knew before its subscription broke is forgotten', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [first, second] = await buyers(here, 2);
    const { orderId } = await hold(here, floor, first!, { offerId, units: 1 });
    await refusedByHeart(there, second!, offerId);
    const { subscriber } = there.platform.redis;
    const gone = new Promise((resolve) => subscriber.once('end', resolve));
    subscriber.disconnect();
    await gone;

    await cancel(orderId, first!.accessToken);
    await subscriber.connect();

    await eventually(
      async () => (await buyPatiently(there, floor, second!, { offerId, units: 1 })).outcome === 'held',
      {
        deadlineMs: 3_000,
      },
    );
  });

  test('a gate that was loaded under an epoch whose commit got lost is loaded again', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 2 });
    const gate = createRedisGate(here.platform.redis.commands);
    const { rows } = await here.platform.db.query(`SELECT nextval('offer_epochs') AS epoch`);
    const lost = { offerId, roomId: floor.roomId, epoch: Number(rows[0].epoch) };
    await gate.beginLoad({ ...lost, limitUnits: 9, opensAtMs: 0, closesAtMs: null });
    await gate.finishLoad(lost, lost.epoch, 2, true);
    const [buyer] = await buyers(here, 1);

    await hold(there, floor, buyer!, { offerId, units: 2 });

    expect(await epochOf(offerId)).toBeGreaterThan(lost.epoch);
  });

  test('an offer whose end is being decided sells nothing, says nothing that may turn out false, and is not loaded again', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 5 });
    const [buyer, late] = await buyers(here, 2);
    const key = newKey();
    const first = await buyPatiently(here, floor, buyer!, { offerId, units: 1 }, key);
    await createRedisGate(here.platform.redis.commands).stop({ offerId, roomId: floor.roomId }, await epochOf(offerId));
    const before = await epochOf(offerId);

    const undecided = { ok: false, error: { code: 'RETRY', retryable: true } };
    expect(await buy(there, floor, late!, { offerId, units: 1 })).toMatchObject(undecided);
    expect(await buyPatiently(there, floor, buyer!, { offerId, units: 1 }, key)).toEqual(first);
    expect(await epochOf(offerId)).toBe(before);
    await close(offerId);
    expect(await buyPatiently(there, floor, late!, { offerId, units: 1 })).toEqual({ outcome: 'ended', offerId });
  });
});

/** Counts how often a gateway asks the gate. */
function countTakes(app: App): () => number {
  const commands = app.platform.redis.commands as unknown as Record<string, (...args: unknown[]) => unknown>;
  const take = commands['lua:sale/take']!;
  let count = 0;
  commands['lua:sale/take'] = (...args) => {
    count += 1;
    return take.apply(commands, args);
  };
  return () => count;
}
