import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { offerLimits } from '../../../shared/limits.ts';
import { isRedisBug } from '../../platform/outage.ts';
import { globalKey, roomKey } from '../../platform/redis.ts';
import type { Claim, Gate, GateState, OfferRef, RepliedState, TakeAnswer, TakeReply, TakeRequest } from './gate.ts';

/** Where gates say that an offer changed or units came back. One channel: it is heard by every gateway, and quiet. */
export const changesChannel = globalKey('offer-changes');

/** Characters of an id and of a request hash: claims and marks are cut at fixed places. */
const idLength = 36;
const claimLength = 58;

/** How long a buyer waits before asking again while Redis is away, ms. */
const retryAfterMs = 500;

const outcomes = [
  null,
  'taken',
  'sold_out',
  'limit',
  'not_open',
  'ended',
  'stale',
  'repeat',
  'key_reused',
  'stopped',
] as const;
/** What take.lua adds to a refusal of somebody who has or had an order. */
const knownBuyerFrom = 100_000;
const TakeReplyForm = z.tuple([z.int(), z.array(z.int()), z.array(z.int()), z.array(z.union([z.int(), z.string()]))]);
const Number4 = z.tuple([z.int(), z.int(), z.int(), z.int()]);
const Number3 = z.tuple([z.int(), z.int(), z.int()]);
const Number2 = z.tuple([z.int(), z.int()]);
const ScanForm = z.tuple([z.string(), z.array(z.string())]);
const InspectForm = z.tuple([z.int(), z.int(), z.int(), z.int(), z.int(), z.array(z.union([z.int(), z.string()]))]);

const gateKey = ({ roomId, offerId }: OfferRef, part: string): string => roomKey(roomId, `offer:${offerId}:${part}`);
/** Where the units left of an offer stand. */
export const leftSource = (offer: OfferRef) => ({ key: gateKey(offer, 'gate'), field: 'left' });

const takeParts = ['gate', 'buyers', 'marks'] as const;
const allParts = [...takeParts, 'line'] as const;
const keysOf = (offer: OfferRef, parts: readonly string[]): string[] => parts.map((part) => gateKey(offer, part));

const fieldOf = ({ buyerId, requestKey }: Claim): string => buyerId + requestKey;
const claimOf = ({ orderId, requestHash }: Claim): string => orderId + requestHash;
const markOf = (claim: Claim): string => claimOf(claim) + fieldOf(claim);
/** A place in line and the units wanted there, in one number: tickets rise, and units stay below a thousand. */
const scoreOf = ({ ticket, units }: { ticket: number; units: number }): number => ticket * 1_000 + units;
const placeOfScore = (score: string): { ticket: number; units: number } => ({
  ticket: Math.floor(Number(score) / 1_000),
  units: Number(score) % 1_000,
});

function parseMark(mark: string): Claim {
  return {
    orderId: mark.slice(0, idLength),
    requestHash: mark.slice(idLength, claimLength),
    buyerId: mark.slice(claimLength, claimLength + idLength),
    requestKey: mark.slice(claimLength + idLength),
  };
}

/** Keys of one call differ in number, so it is passed along; the script itself travels once. */
function script(name: string) {
  const lua = readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
  const command = `lua:sale/${name}`;
  return (redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> => {
    const scripts = redis as unknown as Record<string, ((...args: unknown[]) => Promise<unknown>) | undefined>;
    if (!scripts[command]) redis.defineCommand(command, { lua });
    return scripts[command]!(keys.length, ...keys, ...args).catch(refuse);
  };
}

const scripts = {
  take: script('take'),
  release: script('release'),
  overdue: script('overdue'),
  beginLoad: script('begin-load'),
  addLoad: script('add-load'),
  finishLoad: script('finish-load'),
  retune: script('retune'),
  stop: script('stop'),
  drop: script('drop'),
  inspect: script('inspect'),
  state: script('state'),
  scanBuyers: script('scan-buyers'),
  wait: script('wait'),
  leave: script('leave'),
};

function refuse(error: unknown): never {
  if (isRedisBug(error)) throw error;
  throw new AppError('RETRY', undefined, { retryAfterMs });
}

export function createRedisGate(redis: Redis): Gate {
  return {
    async take(roomId, epochs, requests) {
      const offerIds = [...epochs.keys()];
      const keys = offerIds.flatMap((offerId) => keysOf({ roomId, offerId }, takeParts));
      const reply = await scripts.take(redis, keys, takeArguments(offerIds, epochs, requests));
      return parseTake(reply, offerIds);
    },
    async confirm(offer, claims) {
      if (claims.length > 0) await redis.hdel(gateKey(offer, 'marks'), ...claims.map(markOf)).catch(refuse);
    },
    async release(offer, claims) {
      const args = claims.flatMap((claim) => [fieldOf(claim), claimOf(claim)]);
      const reply = await scripts.release(redis, keysOf(offer, allParts), [changesChannel, offer.offerId, ...args]);
      const [units, left, kept] = Number3.parse(reply);
      return { units, left, kept };
    },
    async overdue(offer, ageMs, marksMax) {
      const reply = await scripts.overdue(redis, [gateKey(offer, 'marks')], [ageMs, marksMax]);
      return z.array(z.string()).parse(reply).map(parseMark);
    },
    async beginLoad(terms) {
      const { epoch, limitUnits, opensAtMs, closesAtMs } = terms;
      return isOne(
        await scripts.beginLoad(redis, keysOf(terms, allParts), [epoch, limitUnits, opensAtMs, closesAtMs ?? 0]),
      );
    },
    async addOrders(offer, epoch, orders) {
      if (orders.length === 0) return true;
      const args = orders.flatMap((order) => [fieldOf(order), claimOf(order), order.units]);
      return isOne(await scripts.addLoad(redis, keysOf(offer, allParts), [epoch, 'orders', ...args]));
    },
    async addWaiters(offer, epoch, waiters) {
      if (waiters.length === 0) return true;
      const args = waiters.flatMap((waiter) => [scoreOf(waiter), waiter.personId]);
      return isOne(await scripts.addLoad(redis, keysOf(offer, allParts), [epoch, 'waiting', ...args]));
    },
    async finishLoad(offer, epoch, freeUnits, again) {
      const keys = keysOf(offer, ['gate', 'line']);
      return isOne(
        await scripts.finishLoad(redis, keys, [epoch, freeUnits, changesChannel, offer.offerId, again ? 1 : 0]),
      );
    },
    async retune(terms, from, moreUnits) {
      const { epoch, limitUnits, opensAtMs, closesAtMs } = terms;
      const args = [from, epoch, limitUnits, opensAtMs, closesAtMs ?? 0, moreUnits, changesChannel, terms.offerId];
      return isOne(await scripts.retune(redis, keysOf(terms, ['gate', 'line']), args));
    },
    async stop(offer, epoch) {
      return z.int().parse(await scripts.stop(redis, keysOf(offer, ['gate', 'marks']), [epoch]));
    },
    async drop(offer, epoch) {
      await scripts.drop(redis, keysOf(offer, allParts), [epoch, changesChannel, offer.offerId]);
    },
    async inspect(offer) {
      const reply = InspectForm.parse(await scripts.inspect(redis, keysOf(offer, allParts), []));
      const [epoch, left, kept, waitingPeople, stopped, flat] = reply;
      const pending = pairs(flat).map(([mark, units]) => ({ ...parseMark(String(mark)), units: Number(units) }));
      return { epoch, left, kept, waitingPeople, isStopped: stopped === 1, pending };
    },
    async wait(offer, epoch, waiter) {
      const { personId, units, ticket } = waiter;
      const score = ticket === null ? '' : scoreOf({ ticket, units });
      const args = [epoch, personId, units, offerLimits.waitersMax, score];
      const [code, position] = Number2.parse(
        await scripts.wait(redis, keysOf(offer, ['gate', 'line', 'buyers']), args),
      );
      return { code: waitCodes[code - 1]!, position };
    },
    async leave(offer, places) {
      const ends = places.flatMap(({ personId, ticket }) => [personId, scoreOf({ ticket: ticket + 1, units: 0 })]);
      const args = [changesChannel, offer.offerId, ...ends];
      const reply = await scripts.leave(redis, keysOf(offer, ['gate', 'line']), args);
      const [kept, people, freed, left] = Number4.parse(reply);
      return { kept, people, freed, left };
    },
    async holders(offer, buyersMax) {
      const key = gateKey(offer, 'gate');
      const before = await stateOf(redis, key);
      if (before.epoch === 0) return null;
      const buyers = await scanBuyers(redis, gateKey(offer, 'buyers'), buyersMax);
      const after = await stateOf(redis, key);
      // A gate that was lost or loaded anew during the scan looks like one without buyers.
      const stoodStill =
        after.epoch === before.epoch && after.left === before.left && after.releases === before.releases;
      return stoodStill ? { ...before, buyers } : null;
    },
    async placeOf(offer, personId) {
      const rank = await redis.zrank(gateKey(offer, 'line'), personId).catch(refuse);
      return rank === null ? null : rank + 1;
    },
    async firstWaiting(offer, peopleMax) {
      const line = await redis.zrange(gateKey(offer, 'line'), 0, peopleMax - 1, 'WITHSCORES').catch(refuse);
      return pairs(line).map(([personId, score]) => ({ personId, ...placeOfScore(score) }));
    },
    async nowMs() {
      const [seconds, microseconds] = await redis.time().catch(refuse);
      return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
    },
    async shown(offers) {
      const pipeline = redis.pipeline();
      for (const offer of offers) pipeline.hget(gateKey(offer, 'gate'), 'left').zcard(gateKey(offer, 'line'));
      const replies = ((await pipeline.exec().catch(refuse)) ?? []).map(([error, value]) => (error ? null : value));
      return offers.map((_, i) => {
        const left = replies[i * 2];
        return typeof left === 'string' ? { left: Number(left), waiting: Number(replies[i * 2 + 1] ?? 0) } : null;
      });
    },
  };
}

async function stateOf(redis: Redis, key: string): Promise<GateState> {
  const [epoch, left, releases] = Number3.parse(await scripts.state(redis, [key], []));
  return { epoch, left, releases };
}

async function scanBuyers(redis: Redis, key: string, buyersMax: number): Promise<Set<string> | null> {
  const buyers = new Set<string>();
  let cursor = '0';
  do {
    const [next, some] = ScanForm.parse(await scripts.scanBuyers(redis, [key], [cursor, buyersPerScan]));
    some.forEach((buyerId) => buyers.add(buyerId));
    if (buyers.size > buyersMax) return null;
    cursor = next;
  } while (cursor !== '0');
  return buyers;
}

const buyersPerScan = 1_000;
const waitCodes = ['waiting', 'available', 'full', 'stale', 'room', 'limit'] as const;
const isOne = (reply: unknown): boolean => reply === 1;

function takeArguments(
  offerIds: readonly string[],
  epochs: ReadonlyMap<string, number>,
  requests: readonly TakeRequest[],
): (string | number)[] {
  const numberOf = new Map(offerIds.map((offerId, i) => [offerId, i + 1]));
  const args: (string | number)[] = offerIds.map((offerId) => epochs.get(offerId)!);
  for (const request of requests) {
    const { lines, waited } = request;
    const wording = lines.map(({ offerId, units }) => `${numberOf.get(offerId)}:${units}`).join(' ');
    args.push(markOf(request), waited ? `-${wording}` : wording);
  }
  return args;
}

function parseTake(reply: unknown, offerIds: readonly string[]): TakeReply {
  const [nowMs, states, codes, repeats] = TakeReplyForm.parse(reply);
  const offers = new Map<string, RepliedState>();
  offerIds.forEach((offerId, i) => {
    const [epoch, left, releases, reopenedAtMs] = states.slice(i * 4, i * 4 + 4) as [number, number, number, number];
    offers.set(offerId, { epoch, left, releases, reopenedAtMs });
  });
  const orderIds = new Map(pairs(repeats));
  const answers = codes.map((number, i): TakeAnswer => {
    const knownBuyer = number >= knownBuyerFrom;
    const code = outcomes[Math.floor((number % knownBuyerFrom) / 1_000)];
    const offerId = offerIds[(number % 1_000) - 1];
    if (!code || !offerId) throw new TypeError(`take.lua answered with unknown number ${number}`);
    if (code === 'repeat') return { code, offerId, orderId: String(orderIds.get(i)) };
    return code === 'taken' || code === 'stale' || code === 'stopped' || code === 'key_reused'
      ? { code, offerId }
      : { code, offerId, knownBuyer };
  });
  return { nowMs, offers, answers };
}

/** [a, 1, b, 2] as [[a, 1], [b, 2]]. */
function pairs<T>(flat: readonly T[]): [T, T][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[i * 2]!, flat[i * 2 + 1]!]);
}
