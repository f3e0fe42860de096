import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../shared/ids.ts';
import type { Claim, Gate, TakeRequest } from '../../server/features/sale/gate.ts';
import { createRedisGate } from '../../server/features/sale/gate.redis.ts';
import { hashOf } from '../../server/features/sale/purchase.ts';
import { freshRedis } from '../support/stack.ts';
import { GateModel, type ModelTerms } from './gate-model.ts';

let redis: Redis;
let gate: Gate;
beforeAll(async () => {
  redis = new Redis(await freshRedis());
  gate = createRedisGate(redis);
});
afterAll(() => redis.quit());

const people = Array.from({ length: 3 }, newId);
const far = 3_600_000;
let epoch = 0;

async function loadGate(terms: Partial<ModelTerms> = {}) {
  const all = { limitUnits: 4, opensAtMs: Date.now() - far, closesAtMs: null, freeUnits: 5, ...terms };
  const offer = { offerId: newId(), roomId: 'R', epoch: ++epoch };
  await gate.beginLoad({ ...offer, ...all });
  await gate.finishLoad(offer, offer.epoch, all.freeUnits, false);
  return { ...offer, ...all };
}

const aRequest = (offerId: string, change: Partial<TakeRequest> = {}): TakeRequest => {
  const lines = change.lines ?? [{ offerId, units: 1 }];
  return {
    orderId: newId(),
    buyerId: people[0]!,
    requestKey: 'key-0001',
    requestHash: hashOf(lines),
    waited: false,
    ...change,
    lines,
  };
};

type Step =
  | {
      do: 'take';
      requests: { person: number; key: number; lines: { offer: number; units: number }[]; waited: boolean }[];
      /** The offer of which the caller knows the epoch of before. */
      stale: number | null;
    }
  | { do: 'release' | 'confirm'; claim: number; offer: number }
  | { do: 'stop'; offer: number }
  | { do: 'reload'; offer: number }
  | { do: 'drop'; offer: number }
  | { do: 'overdue'; offer: number }
  | {
      do: 'retune';
      offer: number;
      limitUnits: number;
      moreUnits: number;
      /** From now; null: until it is closed. */
      opensInMs: number;
      closesInMs: number | null;
      isStale: boolean;
    }
  | { do: 'ask' | 'wait' | 'leave'; person: number; offer: number; units: number; round: number; isStale: boolean };

const units = fc.integer({ min: 1, max: 3 });
const offer = fc.integer({ min: 0, max: 2 });
const person = fc.integer({ min: 0, max: people.length - 1 });
/** Seldom enough that most of what follows is not refused for it. */
const isStale = fc.nat(9).map((n) => n === 0);
const request = fc.record({
  person,
  key: fc.integer({ min: 0, max: 4 }),
  lines: fc.uniqueArray(fc.record({ offer, units }), { minLength: 1, maxLength: 2, selector: (line) => line.offer }),
  waited: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      requests: fc.array(request, { minLength: 1, maxLength: 6 }),
      stale: fc.nat(9).map((n) => (n < 3 ? n : null)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('release' as const, 'confirm' as const), claim: fc.nat(30), offer }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('ask' as const, 'wait' as const, 'leave' as const),
      person,
      offer,
      units,
      round: fc.integer({ min: 0, max: 2 }),
      isStale,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('stop' as const, 'reload' as const, 'drop' as const, 'overdue' as const),
      offer,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('retune' as const),
      offer,
      limitUnits: fc.integer({ min: 1, max: 5 }),
      moreUnits: fc.integer({ min: -3, max: 3 }),
      // Some edges of the window are crossed while the other steps go on.
      opensInMs: fc.constantFrom(-far, -far, -far, 0, 3, far),
      closesInMs: fc.constantFrom(null, null, far, far, 3, 0, -1),
      isStale,
    }),
  },
);

// The scripts and the model are written apart; any sequence of calls must get the same answers, however they are batched.
test('the Lua scripts agree with the model on random call sequences', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      const model = new GateModel();
      const offers = await Promise.all([
        loadGate(),
        loadGate({ limitUnits: 2, closesAtMs: Date.now() + far }),
        loadGate({ opensAtMs: Date.now() + far, freeUnits: 9 }),
      ]);
      offers.forEach((terms) => model.load(terms.offerId, terms));
      const claims: Claim[] = [];
      for (const one of steps) await compare(one, model, offers, claims, seen);
      for (const one of offers) {
        const { left, kept, waitingPeople, pending } = await gate.inspect(one);
        const orderIds = pending.map(({ orderId }) => orderId).sort();
        expect({ left, kept, waitingPeople, pending: orderIds }).toEqual(model.inspect(one.offerId));
        expect(left === 0 || waitingPeople === 0).toBe(true);
        expect(await gate.firstWaiting(one, people.length)).toEqual(model.line(one.offerId));
      }
    }),
    { numRuns: 150 },
  );
  const codes = ['taken', 'repeat', 'key_reused', 'sold_out', 'limit', 'not_open', 'ended', 'stale', 'stopped'];
  expect([...seen].sort()).toEqual(codes.sort());
}, 60_000);

/** As when a gate was lost: from what the ledger has, under a new epoch. Orders that ended are in it with no units. */
async function reload(target: Awaited<ReturnType<typeof loadGate>>, model: GateModel): Promise<void> {
  const { freeUnits, orders, waiting, everBuyers } = model.reload(target.offerId);
  const ended = everBuyers.map((buyerId) => ({ ...aRequest('', { buyerId }), units: 0 }));
  target.epoch = ++epoch;
  await gate.beginLoad(target);
  await gate.addOrders(target, target.epoch, [...orders, ...ended]);
  await gate.addWaiters(target, target.epoch, waiting);
  await gate.finishLoad(target, target.epoch, freeUnits, true);
}

async function compare(
  one: Step,
  model: GateModel,
  offers: Awaited<ReturnType<typeof loadGate>>[],
  claims: Claim[],
  seen: Set<string>,
): Promise<void> {
  if (one.do === 'take') {
    const staleId = one.stale === null ? undefined : offers[one.stale]!.offerId;
    const requests = one.requests.map(({ person: who, key, lines, waited }) => {
      const named = lines.map(({ offer: n, units: count }) => ({ offerId: offers[n]!.offerId, units: count }));
      return aRequest('', {
        buyerId: people[who]!,
        requestKey: `key-000${key}`,
        lines: named,
        requestHash: hashOf(named),
        waited,
      });
    });
    const asked = offers.filter(({ offerId }) =>
      requests.some(({ lines }) => lines.some((line) => line.offerId === offerId)),
    );
    const known = asked.map(({ offerId, epoch: now }) => [offerId, offerId === staleId ? now - 1 : now] as const);
    const reply = await gate.take('R', new Map(known), requests);
    expect(reply.answers).toEqual(requests.map((wanted) => model.take(wanted, reply.nowMs, staleId)));
    claims.push(...requests.filter((_, i) => reply.answers[i]!.code === 'taken'));
    reply.answers.forEach(({ code }) => seen.add(code));
    return;
  }
  const target = offers[one.offer]!;
  if ('person' in one) {
    // A ticket is one person's place for ever, and that person's next one lies behind it.
    const ticket = one.round * people.length + people.length - one.person;
    const place = { personId: people[one.person]!, ticket };
    const waiter = { ...place, units: one.units, ticket: one.do === 'ask' ? null : ticket };
    if (one.do === 'leave') expect(await gate.leave(target, [place])).toEqual(model.leave(target.offerId, place));
    else if (one.isStale)
      expect(await gate.wait(target, target.epoch - 1, waiter)).toEqual({ code: 'stale', position: 0 });
    else expect(await gate.wait(target, target.epoch, waiter)).toEqual(model.wait(target.offerId, waiter));
    return;
  }
  if (one.do === 'stop') {
    expect(await gate.stop(target, target.epoch)).toBe(model.stop(target.offerId));
    return;
  }
  if (one.do === 'reload') return reload(target, model);
  if (one.do === 'drop') {
    await gate.drop(target, target.epoch - 1); // A gate that was loaded after the end stays.
    expect((await gate.inspect(target)).epoch).toBe(target.epoch);
    await gate.drop(target, target.epoch);
    expect((await gate.inspect(target)).epoch).toBe(0);
    return reload(target, model);
  }
  if (one.do === 'overdue') {
    const overdue = await gate.overdue(target, 0, 1_000);
    expect(overdue.map(({ orderId }) => orderId).sort()).toEqual(model.pending(target.offerId));
    expect(await gate.overdue(target, far, 1_000)).toEqual([]);
    return;
  }
  if (one.do === 'retune') {
    const { limitUnits, moreUnits, opensInMs, closesInMs } = one;
    const window = {
      opensAtMs: Date.now() + opensInMs,
      closesAtMs: closesInMs === null ? null : Date.now() + closesInMs,
    };
    const from = one.isStale ? target.epoch - 1 : target.epoch;
    const terms = { limitUnits, ...window };
    const isDone = await gate.retune({ ...target, ...terms, epoch: ++epoch }, from, moreUnits);
    expect(isDone).toBe(!one.isStale && model.retune(target.offerId, { ...terms, moreUnits }));
    if (isDone) Object.assign(target, terms, { epoch });
    return;
  }
  const claim = claims[one.claim % Math.max(claims.length, 1)];
  if (!claim) return;
  if (one.do === 'release') expect(await gate.release(target, [claim])).toEqual(model.release(target.offerId, claim));
  else {
    await gate.confirm(target, [claim]);
    model.confirm(target.offerId, claim);
  }
}

describe('a gate that may not be trusted', () => {
  const codeOf = async (terms: { offerId: string; epoch: number }) =>
    (await gate.take('R', new Map([[terms.offerId, terms.epoch]]), [aRequest(terms.offerId)])).answers[0]!.code;

  test('says stale when it is not there, is being loaded, or has another epoch than the caller', async () => {
    const loaded = await loadGate();
    const loading = { ...loaded, offerId: newId() };
    await gate.beginLoad(loading);

    expect(await codeOf({ offerId: newId(), epoch: 1 })).toBe('stale');
    expect(await codeOf(loading)).toBe('stale');
    expect(await codeOf({ ...loaded, epoch: loaded.epoch - 1 })).toBe('stale');
    expect(await codeOf(loaded)).toBe('taken');
  });

  test('says stale when the server is another one than the gate was loaded on', async () => {
    const loaded = await loadGate();
    await redis.hset(`nm:v1:{room:R}:offer:${loaded.offerId}:gate`, 'run', 'f'.repeat(40));

    expect(await codeOf(loaded)).toBe('stale');
  });

  test('is not loaded under an epoch that has passed, nor by a loader that fell asleep', async () => {
    const first = await loadGate();
    const newer = { ...first, epoch: ++epoch };
    expect(await gate.beginLoad(newer)).toBe(true);

    expect(await gate.beginLoad(first)).toBe(false);
    expect(await gate.addOrders(first, first.epoch, [{ ...aRequest(first.offerId), units: 1 }])).toBe(false);
    expect(await gate.finishLoad(first, first.epoch, 99, false)).toBe(false);
    expect(await gate.finishLoad(newer, newer.epoch, 1, false)).toBe(true);
  });

  test('gets no new terms: it has to be loaded', async () => {
    const [other, elsewhere] = [await loadGate(), await loadGate()];
    await redis.hset(`nm:v1:{room:R}:offer:${elsewhere.offerId}:gate`, 'run', 'f'.repeat(40));
    const loading = { ...other, offerId: newId() };
    await gate.beginLoad(loading);

    expect(await gate.retune({ ...other, epoch: ++epoch }, other.epoch - 1, 1)).toBe(false);
    for (const one of [elsewhere, loading, { ...other, offerId: newId() }])
      expect(await gate.retune({ ...one, epoch: ++epoch }, one.epoch, 1)).toBe(false);
    expect(await codeOf(other)).toBe('taken');
  });

  test('that has new terms says stale to the old ones, and gives back what was taken under them', async () => {
    const loaded = await loadGate({ freeUnits: 1 });
    const before = aRequest(loaded.offerId);
    await gate.take('R', new Map([[loaded.offerId, loaded.epoch]]), [before]);
    const after = { ...loaded, epoch: ++epoch };

    expect(await gate.retune(after, loaded.epoch, 1)).toBe(true);
    expect(await codeOf(loaded)).toBe('stale');
    expect(await gate.release(after, [before])).toEqual({ units: 1, left: 2, kept: 0 });
    expect(await gate.release(after, [before])).toEqual({ units: 0, left: 2, kept: 0 });
    // Sent again by a connection that was lost.
    expect(await gate.retune(after, loaded.epoch, 1)).toBe(false);
  });

  test('loaded from the ledger it knows limits and keys of before', async () => {
    const terms = { offerId: newId(), roomId: 'R', epoch: ++epoch, limitUnits: 2, opensAtMs: 0, closesAtMs: null };
    const order = { ...aRequest(terms.offerId), units: 1 };
    await gate.beginLoad(terms);
    await gate.addOrders(terms, terms.epoch, [order]);
    await gate.finishLoad(terms, terms.epoch, 7, false);
    const epochs = new Map([[terms.offerId, terms.epoch]]);

    const again = aRequest(terms.offerId);
    const two = [{ offerId: terms.offerId, units: 2 }];
    const more = aRequest(terms.offerId, { requestKey: 'key-0002', lines: two, requestHash: hashOf(two) });
    const { answers } = await gate.take('R', epochs, [again, more]);

    expect(answers).toEqual([
      { code: 'repeat', offerId: terms.offerId, orderId: order.orderId },
      { code: 'limit', offerId: terms.offerId, knownBuyer: true },
    ]);
  });

  test('a call that is sent twice takes once', async () => {
    const terms = await loadGate();
    const epochs = new Map([[terms.offerId, terms.epoch]]);
    const wanted = aRequest(terms.offerId);

    await gate.take('R', epochs, [wanted]);
    const resent = await gate.take('R', epochs, [wanted]);

    expect(resent.answers).toEqual([{ code: 'repeat', offerId: terms.offerId, orderId: wanted.orderId }]);
    expect((await gate.inspect(terms)).left).toBe(4);
  });
});

describe('everybody with an order, read in steps', () => {
  type Loaded = Awaited<ReturnType<typeof loadGate>>;
  const keysOf = ({ offerId }: Loaded) =>
    ['gate', 'buyers', 'marks'].map((part) => `nm:v1:{room:R}:offer:${offerId}:${part}`);

  /** A sold-out gate, and who its buyers are said to be when `happens` comes between the first step and the scan. */
  async function holdersWhile(happens: (terms: Loaded, claim: Claim) => Promise<unknown>) {
    const terms = await loadGate({ freeUnits: 1 });
    const claim = aRequest(terms.offerId);
    await gate.take('R', new Map([[terms.offerId, terms.epoch]]), [claim]);
    const interrupted = redis.duplicate() as Redis & Record<string, (...args: unknown[]) => Promise<unknown>>;
    const interruptedGate = createRedisGate(interrupted);
    await interruptedGate.holders(terms, 10); // Defines the commands.
    const scan = interrupted['lua:sale/scan-buyers']!.bind(interrupted);
    Object.assign(interrupted, {
      'lua:sale/scan-buyers': async (...args: unknown[]) => {
        await happens(terms, claim);
        return scan(...args);
      },
    });
    const holders = await interruptedGate.holders(terms, 10);
    await interrupted.quit();
    return holders;
  }

  test('are known while nothing moves', async () => {
    const holders = await holdersWhile(() => Promise.resolve());
    expect(holders).toMatchObject({ left: 0, releases: 0, buyers: new Set([people[0]]) });
  });

  // Nobody found must not mean that nobody has an order: then a retry of a buyer would be refused from the cache.
  test.each<[string, Parameters<typeof holdersWhile>[0]]>([
    ['Redis is emptied', (terms) => redis.del(keysOf(terms))],
    ['the gate is being loaded anew', (terms) => gate.beginLoad({ ...terms, epoch: ++epoch })],
    ['the server is replaced', (terms) => redis.hset(keysOf(terms)[0]!, 'run', 'f'.repeat(40))],
    ['units come back', (terms, claim) => gate.release(terms, [claim])],
  ])('are not known when %s meanwhile', async (_, happens) => {
    expect(await holdersWhile(happens)).toBeNull();
  });
});
