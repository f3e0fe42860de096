import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '../../shared/ids.ts';
import type { Claim } from '../../server/features/sale/gate.ts';
import { createGateQueue } from '../../server/features/sale/gate-queue.ts';
import { watchStores } from '../harness/stores.ts';
import type { Load, OpenSide, Sample, Scenario, Side } from '../harness/scenario.ts';
import { closedCrowd, crowdOf } from './sale/crowd.ts';
import { engineSide, hotRowSide, openEngine, unitsPlenty } from './sale/engine-sides.ts';
import type { Offer, SellingEngine } from './sale/selling-engine.ts';
import { socketSide } from './sale/socket-side.ts';

const rushUnits = 1_000;

/** A rush on few units: how many get an answer in a second, and what an attempt costs Redis. */
export const scenario: Scenario = {
  summary:
    'a rush of 100,000 buyers on 1,000 units, in process, on two gateways and over sockets; Redis CPU per attempt',
  async run(load) {
    await load.compare({
      name: '100,000 buyers on 1,000 units',
      unit: 'answers per second (hot row: orders per second)',
      baseline: hotRowSide(load),
      sides: [rushSide(load, 1), rushSide(load, 2)],
      targets: [
        { side: 'ours', min: 500 },
        { side: 'ours, two gateways', min: 500 },
      ],
    });
    await load.compare({
      name: 'Redis CPU per attempt',
      unit: 'µs of Redis CPU per attempt',
      baseline: scriptPerPurchase(load),
      sides: [mergedCalls(load)],
      targets: [{ side: 'ours', max: 0.4 }],
    });
    await load.compare({
      name: 'orders over Socket.IO',
      unit: 'orders per second',
      baseline: hotRowSide(load),
      sides: [socketSide(load)],
      targets: [{ side: 'ours, over sockets', min: 15 }],
    });
  },
};

function rushSide(load: Load, gateways: 1 | 2): Side {
  const name = gateways === 1 ? 'ours' : 'ours, two gateways';
  return {
    name,
    setUp: `${gateways} engine(s) in one process, 2,000 buyers at once each; everybody is answered once, 1,000 of them with an order`,
    async open(): Promise<OpenSide> {
      const engines = await Promise.all(Array.from({ length: gateways }, () => openEngine(load)));
      return {
        measure: () => rush(load, engines),
        close: () => Promise.all(engines.map(({ close }) => close())).then(() => undefined),
      };
    },
  };
}

async function rush(load: Load, engines: readonly SellingEngine[]): Promise<Sample> {
  const buyers = load.scale({ smoke: 4_000, full: 100_000 });
  const offer = await engines[0]!.openOffer(rushUnits);
  const ready = engines.map((engine) => ({ engine, crowd: crowdOf(offer, buyers / engines.length) }));
  const crowds = await Promise.all(ready.map(({ engine, crowd }) => closedCrowd(engine, crowd, 2_000)));
  const held = crowds.reduce((sum, { outcomes }) => sum + (outcomes['held'] ?? 0), 0);
  const answered = crowds.reduce((sum, { outcomes }) => sum + (outcomes['held'] ?? 0) + (outcomes['sold_out'] ?? 0), 0);
  load.check('exactly as many orders as units', held === rushUnits, `${held} of ${rushUnits}`);
  load.check(
    'everybody was answered, held or sold out',
    answered === buyers,
    JSON.stringify(crowds.map(({ outcomes }) => outcomes)),
  );
  await soldOutCostsRedisNothing(load, engines[0]!, offer);
  const elapsedMs = Math.max(...crowds.map((crowd) => crowd.elapsedMs));
  return {
    value: (answered / elapsedMs) * 1_000,
    figures: { p99Ms: Math.max(...crowds.map(({ latency }) => latency.p99Ms)) },
  };
}

async function soldOutCostsRedisNothing(load: Load, engine: SellingEngine, offer: Offer): Promise<void> {
  const before = await commandsWhenIdle(engine);
  const { outcomes } = await closedCrowd(engine, crowdOf(offer, 1_000), 100);
  const sent = (await commandsRun(engine)) - before;
  load.check('a sold-out answer sends no Redis command', outcomes['sold_out'] === 1_000 && sent === 0, `${sent} sent`);
}

/** Marks of the last orders are still being cleared when their buyers have been answered. */
async function commandsWhenIdle(engine: SellingEngine): Promise<number> {
  let [before, now] = [NaN, await commandsRun(engine)];
  while (now !== before) {
    await pause(50);
    [before, now] = [now, await commandsRun(engine)];
  }
  return now;
}

/** Commands that Redis has run, but for those that are sent all the time: the ping of the change feed, and this question. */
async function commandsRun({ redis }: SellingEngine): Promise<number> {
  const calls = [...(await redis.info('commandstats')).matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)];
  return calls.reduce((sum, [, name, count]) => (name === 'ping' || name === 'info' ? sum : sum + Number(count)), 0);
}

const attemptsOf = (load: Load): number => load.scale({ smoke: 500, full: 40_000 });

/** Redis CPU of attempts that all take a unit, no ledger behind. */
async function redisCpuPerAttempt(load: Load, attempt: () => Promise<unknown>): Promise<number> {
  const cpu = await watchStores(await load.stores());
  const before = cpu().redisMs;
  await inTurns(attemptsOf(load), 1_000, attempt);
  return ((cpu().redisMs - before) * 1_000) / attemptsOf(load);
}

async function inTurns(count: number, atOnce: number, attempt: () => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next++ < count) await attempt();
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
}

const reserveScript = readFileSync(new URL('../peers/reserve.lua', import.meta.url), 'utf8');

const scriptPerPurchase = (load: Load): Side =>
  engineSide(
    load,
    'one call each',
    'load-tests/peers/reserve.lua by EVALSHA per purchase, 1,000 at once, pipelined by ioredis',
    async ({ redis }) => {
      const stock = `peer:{${newId()}}`;
      await redis.hset(`${stock}:stock`, { units: unitsPlenty, perBuyerMax: 2, opensAt: 0, closesAt: 9e15 });
      redis.defineCommand('peerReserve', { lua: reserveScript, numberOfKeys: 3 });
      const reserve = (redis as unknown as { peerReserve(...args: string[]): Promise<number> }).peerReserve.bind(redis);
      const keys = [`${stock}:stock`, `${stock}:buyers`, `${stock}:orders`] as const;
      const value = await redisCpuPerAttempt(load, () => reserve(...keys, newId(), newId(), newId(), '1'));
      await redis.unlink(...keys);
      return { value };
    },
  );

const mergedCalls = (load: Load): Side =>
  engineSide(
    load,
    'ours',
    'the merged call with everything it keeps (marks, contents of keys, run id), 1,000 at once, and clearing the marks as the engine does',
    async (engine) => {
      const offer = await engine.openOffer(unitsPlenty);
      const { epoch } = await engine.gate.inspect(offer);
      const value = await redisCpuPerAttempt(load, attemptsAt(engine, offer, epoch));
      await engine.gate.drop(offer, epoch);
      return { value };
    },
  );

/** Takes a unit for somebody new, and clears the marks of a turn of the event loop together. */
function attemptsAt({ gate }: SellingEngine, offer: Offer, epoch: number): () => Promise<unknown> {
  const queue = createGateQueue({ gate, onReply: () => undefined, refuse: () => null });
  const lines = [{ offerId: offer.offerId, units: 1 }];
  const requestHash = 'h'.repeat(22);
  let taken: Claim[] = [];
  return async () => {
    const claim = { orderId: newId(), buyerId: newId(), requestKey: newId(), requestHash };
    await queue.take({ ...claim, waited: false, lines, roomId: offer.roomId, epochs: [epoch] });
    if (taken.push(claim) > 1) return;
    setImmediate(() => {
      void gate.confirm(offer, taken);
      taken = [];
    });
  };
}
