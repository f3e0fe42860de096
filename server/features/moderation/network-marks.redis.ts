import { createHmac } from 'node:crypto';
import type { Redis } from 'ioredis';
import { roomKey } from '../../platform/redis.ts';

/** Where somebody was last seen is remembered this long after the last one who came, ms. */
const keptMs = 24 * 3_600_000;

export type NetworkMarks = ReturnType<typeof createNetworkMarks>;

/**
 * From which network people came to a room, as far as it takes to know it again: a hash with the host and a secret in it, so that
 * the same network has another mark with every host, and nobody finds the address behind one.
 */
export function createNetworkMarks(redis: Redis, secret: string) {
  return {
    markOf: (hostId: string, network: string): string =>
      createHmac('sha256', secret).update(`ban network ${hostId} ${network}`).digest('base64url'),
    async remember(roomId: string, personId: string, mark: string): Promise<void> {
      const key = roomKey(roomId, 'networks');
      await redis.multi().hset(key, personId, mark).pexpire(key, keptMs).exec();
    },
    /** Null when the person was not seen lately, or nobody asked to remember it. */
    seen: (roomId: string, personId: string): Promise<string | null> =>
      redis.hget(roomKey(roomId, 'networks'), personId),
  };
}
