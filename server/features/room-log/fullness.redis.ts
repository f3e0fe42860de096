import type { Redis } from 'ioredis';

/** Share of the memory it may use that Redis has used; 0 when it may use all there is. */
export async function usedShareOf(redis: Redis): Promise<number> {
  const memory = await redis.info('memory');
  const bytesOf = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(memory)?.[1] ?? 0);
  const bytesMax = bytesOf('maxmemory');
  return bytesMax === 0 ? 0 : bytesOf('used_memory') / bytesMax;
}
