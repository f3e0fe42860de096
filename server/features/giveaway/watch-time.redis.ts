import type { Redis } from 'ioredis';
import { z } from 'zod';
import { groupsOf } from '../../platform/each-of.ts';
import { defineScript } from '../../platform/lua.ts';
import { roomKey, roomKeptMs } from '../../platform/redis.ts';
import {
  backWithinMs,
  type Counted,
  type GatewayReports,
  type Outage,
  type Reports,
  type WatchTime,
} from './watch-time.ts';

const creditScript = defineScript(
  new URL('./lua/credit-watch.lua', import.meta.url),
  3,
  z.tuple([z.int().nonnegative()], z.int().nonnegative()),
);
const reportedScript = defineScript(new URL('./lua/note-reported.lua', import.meta.url), 2, z.int());
const keepScript = defineScript(new URL('./lua/keep-facts.lua', import.meta.url), 3, z.int());

/** How often gateways count who is there, ms. */
export const creditEveryMs = 5_000;
/** Two sightings this far apart still count as watching: one report may be late, a reconnect takes a moment. */
export const gapMsMax = 3 * creditEveryMs;
/** So long without a report, and people may have been missed: one may be late, ms. */
const breakMs = 2 * creditEveryMs;
/** Outages remembered; the oldest are forgotten first. */
const outagesMax = 100;
/** People counted in one call: bounds how long one script holds up Redis. */
const peopleMax = 1_000;

export function createWatchTime(redis: Redis, nowMs: () => number): WatchTime {
  // Whoever has just started could not report a moment ago.
  let failedMs = nowMs();

  return {
    async credit(roomId, personIds, counts) {
      const counted: Counted = { sinceMs: 0, watchedMs: [] };
      for (const some of groupsOf(personIds, peopleMax)) {
        const [sinceMs, ...watchedMs] = await report(roomId, some, counts);
        counted.sinceMs = sinceMs;
        counted.watchedMs.push(...watchedMs);
      }
      return counted;
    },
    reports,
    async reported() {
      await reportedScript(redis, gatewayKeys, [nowMs(), roomKeptMs, breakMs, failedMs, outagesMax]).catch(failed);
    },
    async gatewayReports(): Promise<GatewayReports> {
      const [known, outages] = await Promise.all([reports(anyRoom), redis.lrange(outagesKey, 0, -1)]);
      return { lastMs: known.lastMs, steadyMs: known.steadyMs, outages: outages.map(readOutage) };
    },
    async keepUntil(roomId, untilMs) {
      await keepScript(redis, factKeys(roomId), [keptMs(untilMs)]);
    },
    async of(roomId, personIds) {
      if (personIds.length === 0) return [];
      const [watched, seen] = await Promise.all([
        redis.hmget(watchedKey(roomId), ...personIds),
        redis.hmget(seenKey(roomId), ...personIds),
      ]);
      return personIds.map((_, i) => ({ watchedMs: Number(watched[i] ?? 0), seenAtMs: Number(seen[i] ?? 0) }));
    },
    viewers: (roomId) => redis.hlen(seenKey(roomId)),
    async noteSaid({ roomId, giveawayId, closesAtMs }, personIds) {
      const key = saidKey(roomId, giveawayId);
      await redis
        .multi()
        .sadd(key, ...personIds)
        .pexpire(key, keptMs(closesAtMs))
        .exec();
    },
    async said(roomId, giveawayId, personIds) {
      if (personIds.length === 0) return [];
      return (await redis.smismember(saidKey(roomId, giveawayId), ...personIds)).map((member) => member === 1);
    },
  };

  function report(roomId: string, people: readonly string[], counts: boolean): Promise<[number, ...number[]]> {
    const values = [nowMs(), counts ? gapMsMax : 0, roomKeptMs, breakMs, failedMs, backWithinMs, ...people];
    return creditScript(redis, factKeys(roomId), values).catch(failed);
  }

  async function reports(roomId: string): Promise<Reports> {
    const [lastMs, steadyMs, quietFromMs] = await redis.hmget(knownKey(roomId), 'lastMs', 'steadyMs', 'quietFromMs');
    return { lastMs: Number(lastMs ?? 0), steadyMs: Number(steadyMs ?? 0), quietFromMs: Number(quietFromMs ?? 0) };
  }

  /** Of any room: that others wait a little in vain costs less than people who are missed. */
  function failed(error: unknown): never {
    failedMs = nowMs();
    throw error;
  }

  /** From now until then, and a while longer. */
  function keptMs(untilMs: number): number {
    return Math.max(0, untilMs - nowMs()) + roomKeptMs;
  }
}

/** No room has this id: what is known of it is known of all of them. */
const anyRoom = 'any';

const watchedKey = (roomId: string): string => roomKey(roomId, 'watched');
const seenKey = (roomId: string): string => roomKey(roomId, 'seen');
const knownKey = (roomId: string): string => roomKey(roomId, 'known');
/** In the order in which the scripts take them. */
const factKeys = (roomId: string): string[] => [watchedKey(roomId), seenKey(roomId), knownKey(roomId)];
const outagesKey = roomKey(anyRoom, 'outages');
const gatewayKeys = [knownKey(anyRoom), outagesKey];
const saidKey = (roomId: string, giveawayId: string): string => roomKey(roomId, `said:${giveawayId}`);

function readOutage(text: string): Outage {
  const [fromMs, untilMs] = text.split(':').map(Number);
  return { fromMs: fromMs!, untilMs: untilMs! };
}
