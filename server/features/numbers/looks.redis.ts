import type { Redis } from 'ioredis';
import { roomKey } from '../../platform/redis.ts';

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
      await allOf(redis.pipeline(calls).exec());
    },
    /** People by offer, in the order of the offers. */
    async of(roomId: string, offerIds: readonly string[]): Promise<number[]> {
      if (offerIds.length === 0) return [];
      return (await allOf(
        redis.pipeline(offerIds.map((offerId) => ['scard', keyOf(roomId, offerId)])).exec(),
      )) as number[];
    },
  };
}

async function allOf(answers: Promise<[Error | null, unknown][] | null>): Promise<unknown[]> {
  return ((await answers) ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
}
