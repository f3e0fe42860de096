import type { Redis } from 'ioredis';
import { z } from 'zod';
import { defineScript } from '../../platform/lua.ts';
import { globalKey, roomKeptMs } from '../../platform/redis.ts';

/** A room in which something happened that may not be saved yet. */
export type NewsOf = { roomId: string; notedAtMs: number };

/** A room is noted this often at the most by one process, ms. */
const noteEveryMs = 1_000;
/** Rooms whose last note a process remembers. */
const rememberedMax = 10_000;
/** Rooms told in one look; those noted longest ago come first. */
const toldMax = 10_000;
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
      notedAtMs.delete(roomId);
      notedAtMs.set(roomId, now);
      if (notedAtMs.size > rememberedMax) notedAtMs.delete(notedAtMs.keys().next().value!);
      redis.zadd(key, now, roomId).catch(() => notedAtMs.delete(roomId));
    },
    async waiting(): Promise<NewsOf[]> {
      await redis.zremrangebyscore(key, 0, nowMs() - roomKeptMs);
      const rooms = await redis.zrange(key, 0, toldMax - 1, 'WITHSCORES');
      return Array.from({ length: rooms.length / 2 }, (_, i) => ({
        roomId: rooms[i * 2]!,
        notedAtMs: Number(rooms[i * 2 + 1]),
      }));
    },
    /** All that had happened in the room is saved. It stays on the list while more may have happened since. */
    async settle({ roomId, notedAtMs: saved }: NewsOf): Promise<void> {
      if (saved < nowMs() - settledAfterMs) await strikeOffScript(redis, [key], [roomId, saved]);
    },
  };
}
