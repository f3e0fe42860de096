import { groupsOf } from '../../platform/each-of.ts';
import type { LookCounts } from './looks.redis.ts';
import type { NumbersStore } from './numbers-store.pg.ts';

type Needs = {
  store: NumbersStore;
  looks: LookCounts;
  audienceOf: (roomId: string) => Promise<{ likes: number; viewers: number; visitors: number }>;
};

/** Shows looked at together; each costs Redis and PostgreSQL a few reads. */
const atOnce = 50;

/** Takes a point of every show that is on. Two processes that do it at once write the same. */
export function createSampling({ store, looks, audienceOf }: Needs) {
  return async function sample(): Promise<void> {
    const roomIds = await store.onAir();
    for (const some of groupsOf(roomIds, atOnce)) await store.addPoints(await Promise.all(some.map(audience)));
  };

  async function audience(roomId: string) {
    const { viewers, visitors, likes } = await audienceOf(roomId);
    return { roomId, viewers, visitors, likes, looks: await saveLooks(roomId) };
  }

  async function saveLooks(roomId: string): Promise<number> {
    const offerIds = await store.offersOf(roomId);
    const people = await looks.of(roomId, offerIds);
    if (people.some((one) => one > 0)) await store.saveLooks(offerIds, people);
    return people.reduce((sum, one) => sum + one, 0);
  }
}
