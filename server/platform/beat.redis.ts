import type { Redis } from 'ioredis';
import { z } from 'zod';
import { defineScript } from './lua.ts';
import { globalKey } from './redis.ts';

const beatScript = defineScript(new URL('./lua/beat.lua', import.meta.url), 1, z.array(z.string()));

/**
 * Processes of one group that tell each other through Redis that they live. Each call says that `processId` does, and returns
 * the ids of all that have said so within `aliveMs`. `null` says nothing and asks only.
 */
export const createBeat =
  (redis: Redis, { group, aliveMs }: { group: string; aliveMs: number }) =>
  (processId: string | null): Promise<string[]> =>
    beatScript(redis, [globalKey(group)], [processId ?? '', aliveMs]);
