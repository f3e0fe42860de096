import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../server/app/app.ts';
import { createSellingOut } from '../../server/features/offer/selling-out.ts';
import { createRedisGate } from '../../server/features/sale/gate.redis.ts';
import { createReopening } from '../../server/features/sale/reopening.ts';
import { roomKey } from '../../server/platform/redis.ts';
import { freshStores, startTestApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { buy, buyers, data, hold, letExpire, newKey, openOffer, openShopFloor, type ShopFloor } from './shop-floor.ts';

test('the ledger is asked again when it was away, not for ever, and once for each time that a gate is empty', async () => {
  const [answers, errors]: [boolean[], unknown[]] = [[], []];
  let asked = 0;
  const note = createSellingOut({
    tell: async (offer) => {
      asked += 1;
      if (offer.offerId === 'lost' || asked < 3) throw new Error('no connection');
      answers.push(true);
      return true;
    },
    wait: async () => undefined,
    onError: (error) => errors.push(error),
  });
  const empty = { epoch: 1, releases: 0 };

  note({ roomId: 'room', offerId: 'offer' }, empty);
  note({ roomId: 'room', offerId: 'offer' }, { ...empty });
  await eventually(() => answers.length > 0);
  note({ roomId: 'room', offerId: 'lost' }, empty);
  await eventually(() => errors.length === 2 + 10);

  expect(asked).toBe(3 + 10);
});

// What the room shows as "left" is what the gate has: pages lay it over the list, so a wrong one keeps buyers away.
test('that something is left again is said at once, then at most twice a second by what is left by then, and not where something was', async () => {
  const [said, timers]: [number[], (() => void)[]] = [[], []];
  let left = 0;
  const freed = createReopening({
    leftOf: async () => left,
    say: (_offer, unitsLeft) => void said.push(unitsLeft),
    after: (_ms, run) => void timers.push(run),
    onFailure: expect.fail,
  });
  const offer = { roomId: 'room', offerId: 'offer' };
  const timePasses = async () => {
    timers.shift()!();
    await Promise.resolve();
    await Promise.resolve();
  };

  freed(offer, { units: 2, left: 7 });
  expect(said).toEqual([]);
  for (let round = 0; round < 100; round += 1) freed(offer, { units: 1, left: 1 });
  expect(said).toEqual([1]);

  left = 3;
  await timePasses();
  expect(said).toEqual([1, 3]);
  freed(offer, { units: 1, left: 1 });
  left = 0;
  await timePasses();
  await timePasses();
  expect(said).toEqual([1, 3]);
  freed(offer, { units: 1, left: 1 });
  expect(said).toEqual([1, 3, 1]);
});

describe('the units left that a room shows, on two gateways', () => {
  let here: App;
  let there: App;
  let floor: ShopFloor;

  beforeAll(async () => {
    const stores = await freshStores();
    here = await startTestApp(stores);
    there = await startTestApp(stores);
    floor = await openShopFloor(here, { units: 1_000 });
  });
  afterAll(() => Promise.all([here.close(), there.close()]));

  const shown = async (offerId: string): Promise<number> => {
    const text = await here.platform.redis.commands.hget(roomKey(floor.roomId, 'aggregates'), `left:${offerId}`);
    return Number(text ?? Number.NaN);
  };
  const atGate = async (offerId: string): Promise<number> => {
    const gate = createRedisGate(here.platform.redis.commands);
    return (await gate.inspect({ offerId, roomId: floor.roomId })).left;
  };

  test('are there from the opening on', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 7 });

    await eventually(async () => (await shown(offerId)) === 7);
  });

  test('rise again when a sold-out offer gets more units', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 1 });
    const [buyer] = await buyers(here, 1);
    await hold(here, floor, buyer!, { offerId, units: 1 });
    await eventually(async () => (await shown(offerId)) === 0);

    await data(here, 'PATCH', `/api/rooms/${floor.roomId}/offers/${offerId}`, floor.token, { allotmentUnits: 11 });

    await eventually(async () => (await shown(offerId)) === 10);
  });

  test('rise again, and nobody is told "sold out", when the key of the last order turns out to be used', async () => {
    const [other, { offerId }] = [await openOffer(here, floor), await openOffer(here, floor, { allotmentUnits: 1 })];
    await data(here, 'POST', `/api/rooms/${floor.roomId}/offers/${offerId}/pin`, floor.token, { streamMs: 0 });
    const [buyer] = await buyers(here, 1);
    const key = newKey();
    await hold(here, floor, buyer!, { offerId: other.offerId, units: 1 }, key);

    const refused = await buy(here, floor, buyer!, { offerId, units: 1 }, key);

    expect(refused).toMatchObject({ ok: false, error: { code: 'KEY_REUSED' } });
    await eventually(async () => (await shown(offerId)) === 1);
    expect(await atGate(offerId)).toBe(1);
    await hold(here, floor, buyer!, { offerId, units: 1 });
    const kindsOf = `SELECT kind FROM room_log_entries WHERE room_id = $1 AND body->>'offerId' = $2 ORDER BY entry_offset`;
    await eventually(async () => {
      const { rows } = await here.platform.db.query<{ kind: string }>(kindsOf, [floor.roomId, offerId]);
      const kinds = rows.map(({ kind }) => kind).filter((kind) => kind !== 'offer:bought');
      return kinds.join() === 'offer:announced,offer:pinned,offer:available,offer:sold-out,offer:unpinned';
    });
  });

  test('end as what the gate has, whoever sells and whatever comes back', async () => {
    const { offerId } = await openOffer(here, floor, { allotmentUnits: 40 });
    const people = await buyers(here, 30);
    const orders = await Promise.all(
      people.map((buyer, i) => hold(i % 2 ? here : there, floor, buyer, { offerId, units: 1 })),
    );
    await Promise.all(orders.slice(0, 5).map(({ orderId }) => letExpire(here, orderId)));

    await eventually(async () => (await shown(offerId)) === 15);
    expect(await atGate(offerId)).toBe(15);
  });
});
