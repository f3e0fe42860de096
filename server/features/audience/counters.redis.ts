import type { Redis } from 'ioredis';
import { z } from 'zod';
import { createBeat } from '../../platform/beat.redis.ts';
import { newId } from '../../../shared/ids.ts';
import { defineScript } from '../../platform/lua.ts';
import { roomKey, roomKeptMs } from '../../platform/redis.ts';
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
const countScript = defineScript(new URL('./lua/count-likes.lua', import.meta.url), 2, z.array(z.int()));

/** What lua/count-likes.lua answers when there is no count to go on from. */
const noCount = -1;

/** What one gateway wants of the claims of a room: those `released` watch over it no more. `alive`: the gateways that live. */
type Claim = { gatewayId: string; alive: readonly string[]; released: readonly string[]; people: readonly string[] };

export type Counters = ReturnType<typeof createCounters>;

/** Who is where, and who likes what: counted in Redis, by all gateways together. */
export function createCounters(redis: Redis, channelOf: (roomId: string) => string) {
  const runId = runIdOf(redis);
  return {
    /** This gateway lives. Returns all that do. */
    beat: createBeat(redis, { group: 'gateways', aliveMs }),
    /** People of one room on one gateway. */
    async setViewers(roomId: string, gatewayId: string, people: number): Promise<void> {
      const key = roomKey(roomId, 'viewers');
      if (people === 0) await redis.hdel(key, gatewayId);
      else await redis.multi().hset(key, gatewayId, people).pexpire(key, roomKeptMs).exec();
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
      const answers = await redis.pipeline(roomIds.map((roomId) => ['hgetall', roomKey(roomId, 'viewers')])).exec();
      return (answers ?? []).map(([error, counts]) => {
        if (error) throw error;
        return new Map(Object.entries(counts as Record<string, string>).map(([id, people]) => [id, Number(people)]));
      });
    },
    /** Adds people to those who were ever in a room, and tells the room how many that are, `toldMin` at the least. */
    async addVisitors(roomId: string, personIds: readonly string[], toldMin: number): Promise<number> {
      const keys = [roomKey(roomId, 'visitors'), roomKey(roomId, 'aggregates')];
      return addVisitorsScript(redis, keys, [channelOf(roomId), roomKeptMs, toldMin, ...personIds]);
    },
    visitors: (roomId: string): Promise<number> => redis.scard(roomKey(roomId, 'visitors')),
    likes: async (roomId: string): Promise<number> => Number(await redis.hget(roomKey(roomId, 'aggregates'), 'likes')),
    /** Begins the count of likes at what was saved, if there is no count (any more). */
    async restoreLikes(roomId: string, saved: number): Promise<void> {
      await redis.hsetnx(roomKey(roomId, 'aggregates'), 'likes', saved);
    },
    /**
     * Nothing is lost when Redis is away, because the next sum has it. `saved` is asked for when Redis has no count (any more), which
     * then goes on from there.
     */
    async countLikes(
      roomId: string,
      tallies: readonly Tally[],
      saved: () => Promise<number>,
    ): Promise<{ total: number; counted: number[] }> {
      const first = await count(roomId, tallies, '');
      const [total, ...counted] = first[0] === noCount ? await count(roomId, tallies, await saved()) : first;
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
