import type { Redis } from 'ioredis';
import { z } from 'zod';
import { createBeat } from '../../platform/beat.redis.ts';
import { newId } from '../../../shared/ids.ts';
import { defineScript } from '../../platform/lua.ts';
import { askAll, roomKey, roomKeptMs } from '../../platform/redis.ts';
import { runIdOf } from '../room-log/run-id.redis.ts';

/** Likes of one person's tally so far. */
export type Tally = {
  personId: string;
  tally: string;
  likes: number;
  /** What its client was last told that counts; only a tally that is not known (any more) begins there. */
  counted: number;
};

/** A gateway that has not said for so long that it lives is dead, ms. Its viewers have to come back elsewhere. */
export const aliveMs = 1_100;

/** A fast thumb likes some ten times a second. */
const likesPerSecond = 30;
const likesBurst = 200;
/** Tallies (page loads) of one person in one room that are remembered. One more takes the place of the oldest, */
const talliesMax = 20;
/** if that was begun so long ago, ms; else it does not count. */
const tallyKeptMs = 3_600_000;

const addVisitorsScript = defineScript(new URL('./lua/add-visitors.lua', import.meta.url), 2, z.int());
const claimScript = defineScript(new URL('./lua/claim-viewers.lua', import.meta.url), 1, z.array(z.string()));
const tellScript = defineScript(new URL('./lua/tell-viewers.lua', import.meta.url), 1, z.array(z.string()));
const raiseScript = defineScript(new URL('./lua/raise-likes.lua', import.meta.url), 1, z.int());
const countScript = defineScript(new URL('./lua/count-likes.lua', import.meta.url), 2, z.array(z.int()));

/** What lua/count-likes.lua answers when there is no count to go on from. */
const noCount = -1;

/** What one gateway wants of the claims of a room: those `released` watch over it no more. `alive`: the gateways that live. */
type Claim = { gatewayId: string; alive: readonly string[]; released: readonly string[]; people: readonly string[] };

type Counts = { likes: number; visitors: number; byGateway: Map<string, number> };

export type Counters = ReturnType<typeof createCounters>;

/** Who is where, and who likes what: counted in Redis, by all gateways together. */
export function createCounters(redis: Redis, channelOf: (roomId: string) => string) {
  const runId = runIdOf(redis);
  return {
    /** This gateway lives. Returns all that do. */
    beat: createBeat(redis, { group: 'gateways', aliveMs }),
    /** Says how many people of a room one gateway has. Returns the people of all by gateway, dead gateways included. */
    async tellViewers(roomId: string, gatewayId: string, people: number): Promise<Map<string, number>> {
      const told = await tellScript(redis, [roomKey(roomId, 'viewers')], [gatewayId, people, roomKeptMs]);
      const byGateway = new Map<string, number>();
      for (let i = 0; i < told.length; i += 2) byGateway.set(told[i]!, Number(told[i + 1]));
      return byGateway;
    },
    /**
     * Claims people of a room for one gateway, so that nobody is counted by two, and lets go of others. Returns who of them is counted by
     * this gateway now, and in which life of the claims: in another one than before everybody has to be claimed again.
     */
    async claimViewers(
      roomId: string,
      { gatewayId, alive, released, people }: Claim,
    ): Promise<{ life: string; ours: string[] }> {
      const args = [alive.length, ...alive, released.length, ...released, ...people];
      const fixed = [gatewayId, await runId(), newId(), roomKeptMs];
      const [life = '', ...claimed] = await claimScript(
        redis,
        [roomKey(roomId, 'viewers:claims')],
        [...fixed, ...args],
      );
      return { life, ours: people.filter((_, i) => claimed[i] === '1') };
    },
    /** Forgets what gateways that are gone have told of a room. */
    async strikeOff(roomId: string, gatewayIds: readonly string[]): Promise<void> {
      await redis.hdel(roomKey(roomId, 'viewers'), ...gatewayIds);
    },
    /** People of rooms by gateway, dead gateways included. */
    async viewers(roomIds: readonly string[]): Promise<Map<string, number>[]> {
      return (await askAll(redis, roomIds.map(askViewers))).map(byGatewayOf);
    },
    /** What is counted of rooms, in their order: likes, different people, and people there by gateway, dead gateways included. */
    async counts(roomIds: readonly string[]): Promise<Counts[]> {
      const calls = roomIds.flatMap((roomId) => [
        ['hget', roomKey(roomId, 'aggregates'), 'likes'],
        ['scard', roomKey(roomId, 'visitors')],
        askViewers(roomId),
      ]);
      const answers = await askAll(redis, calls);
      return roomIds.map((_, i) => {
        const [likes, visitors, viewers] = answers.slice(i * 3, i * 3 + 3);
        return { likes: Number(likes), visitors: Number(visitors), byGateway: byGatewayOf(viewers) };
      });
    },
    /** Adds people to those who were ever in a room, and tells the room how many that are, `toldMin` at the least. */
    async addVisitors(roomId: string, personIds: readonly string[], toldMin: number): Promise<number> {
      const keys = [roomKey(roomId, 'visitors'), roomKey(roomId, 'aggregates')];
      return addVisitorsScript(redis, keys, [channelOf(roomId), roomKeptMs, toldMin, ...personIds]);
    },
    /** Lets the likes of a room go on from so many, saved or shown before, if Redis has counted fewer (any more). */
    async raiseLikes(roomId: string, likesMin: number): Promise<void> {
      await raiseScript(redis, [roomKey(roomId, 'aggregates')], [channelOf(roomId), roomKeptMs, likesMin]);
    },
    /**
     * Nothing is lost when Redis is away, because the next sum has it. `before` is asked for when Redis has no count (any more), which
     * then goes on from there.
     */
    async countLikes(
      roomId: string,
      tallies: readonly Tally[],
      before: () => Promise<number>,
    ): Promise<{ total: number; counted: number[] }> {
      const first = await count(roomId, tallies, '');
      const [total, ...counted] = first[0] === noCount ? await count(roomId, tallies, await before()) : first;
      return { total: total!, counted };
    },
  };

  function count(roomId: string, tallies: readonly Tally[], base: number | ''): Promise<number[]> {
    const keys = [roomKey(roomId, 'likes'), roomKey(roomId, 'aggregates')];
    const limits = [likesPerSecond, likesBurst, talliesMax, tallyKeptMs, roomKeptMs];
    const args = tallies.flatMap(({ personId, tally, likes, counted }) => [personId, tally, likes, counted]);
    return countScript(redis, keys, [channelOf(roomId), ...limits, base, ...args]);
  }
}

const askViewers = (roomId: string): string[] => ['hgetall', roomKey(roomId, 'viewers')];

const byGatewayOf = (answer: unknown): Map<string, number> =>
  new Map(Object.entries(answer as Record<string, string>).map(([id, people]) => [id, Number(people)]));
