import type { Redis } from 'ioredis';
import { askAll, roomKey } from '../../platform/redis.ts';

/** One person opened one product. */
export type Look = { personId: string; offerId: string };

export type LookCounts = ReturnType<typeof createLookCounts>;

/** Who looked at what, counted by all gateways together: a set of people for each offer, so that nothing counts twice. */
export function createLookCounts(redis: Redis) {
  const keyOf = (roomId: string, offerId: string): string => roomKey(roomId, `looks:${offerId}`);
  return {
    /** The offers must be the room's own: each one not known yet makes a key. */
    async add(roomId: string, looks: readonly Look[]): Promise<void> {
      const people = Map.groupBy(looks, ({ offerId }) => offerId);
      const calls = [...people].map(([offerId, same]) => [
        'sadd',
        keyOf(roomId, offerId),
        ...same.map(({ personId }) => personId),
      ]);
      await askAll(redis, calls);
    },
    /** People by offer, in the order of the offers. */
    async of(roomId: string, offerIds: readonly string[]): Promise<number[]> {
      const calls = offerIds.map((offerId) => ['scard', keyOf(roomId, offerId)]);
      return (await askAll(redis, calls)) as number[];
    },
  };
}
