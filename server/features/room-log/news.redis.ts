import type { Redis } from 'ioredis';
import { z } from 'zod';
import { defineScript } from '../../platform/lua.ts';
import { globalKey, roomKeptMs } from '../../platform/redis.ts';
import { setNewest } from '../../../shared/newest.ts';

/** A room in which something happened that may not be saved yet. */
export type NewsOf = { roomId: string; notedAtMs: number };

/** A room is noted this often at the most by one process, ms. */
const noteEveryMs = 1_000;
/** Rooms whose last note a process remembers. */
const rememberedMax = 10_000;
/**
 * Rooms told of each end of the list in one look. Those noted longest ago are struck off, so that the others move up; those noted
 * last are where most happens.
 */
const toldMax = 5_000;
/**
 * A room is struck off so long after its last note at the earliest, ms. What happens within `noteEveryMs` of a note makes no other
 * one, and the clocks of gateways differ.
 */
const settledAfterMs = 60_000;

const strikeOffScript = defineScript(new URL('./lua/strike-off.lua', import.meta.url), 1, z.int());

export type News = ReturnType<typeof createNews>;

/**
 * Rooms that somebody must look at to save what happened in them. They stay on the list until it is saved, however long the place
 * where it is saved is away; at the longest as long as Redis keeps the rooms themselves.
 */
export function createNews(redis: Redis, { name, nowMs }: { name: string; nowMs: () => number }) {
  const key = globalKey(name);
  const notedAtMs = new Map<string, number>();

  return {
    /** When the note gets lost, the next thing that happens in the room makes another one. */
    note(roomId: string): void {
      const now = nowMs();
      if (now - (notedAtMs.get(roomId) ?? 0) < noteEveryMs) return;
      setNewest(notedAtMs, roomId, now, rememberedMax);
      redis.zadd(key, now, roomId).catch(() => notedAtMs.delete(roomId));
    },
    async waiting(): Promise<NewsOf[]> {
      const [, oldest, newest] = await Promise.all([
        redis.zremrangebyscore(key, 0, nowMs() - roomKeptMs),
        redis.zrange(key, 0, toldMax - 1, 'WITHSCORES'),
        redis.zrange(key, -toldMax, -1, 'WITHSCORES'),
      ]);
      const notedAt = new Map<string, number>();
      for (const rooms of [oldest, newest])
        for (let i = 0; i < rooms.length; i += 2) notedAt.set(rooms[i]!, Number(rooms[i + 1]));
      return Array.from(notedAt, ([roomId, notedAtMs]) => ({ roomId, notedAtMs }));
    },
    /** All that had happened in the room is saved. It stays on the list while more may have happened since. */
    async settle({ roomId, notedAtMs: saved }: NewsOf): Promise<void> {
      if (saved < nowMs() - settledAfterMs) await strikeOffScript(redis, [key], [roomId, saved]);
    },
  };
}
