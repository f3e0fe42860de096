import type { Gateway } from '../../gateway/gateway.ts';
import { createBatches } from '../../platform/batches.ts';
import type { Platform } from '../../platform/platform.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import { createFollow } from './follow.ts';
import { createFollowsCache } from './follows.cache.ts';
import { createFollowStore } from './follows.pg.ts';
import type { Followers, Follows } from './follows.ts';

/** People looked up in one statement, and waiting for theirs: in a rush on a sale for followers each of them is asked for. */
const lookupLimits = { itemsMax: 500, waitingMax: 20_000 };
/**
 * Followers of a host are counted this often at the most, ms: every page that enters a show asks, and counting a million takes PostgreSQL
 * longer than all else that a newcomer asks for. A sum kept in the row of the host would make all who follow at once wait for each other.
 */
const countedFreshMs = 5_000;
const countedMax = 10_000;

export function createFollowFeature({ db, nowMs }: Platform) {
  const store = createFollowStore(db);
  const lookups = createBatches({ ...lookupLimits, run: inOrder(store.among) });
  const ages = createBatches({ ...lookupLimits, run: inOrder(store.ages) });
  const follows: Follows = { sinceMs: lookups.add };
  const cache = createFollowsCache({ read: ages.add, nowMs, elapsedMs: () => performance.now() });
  const counted = createShortMemory({ read: store.count, freshMs: countedFreshMs, keysMax: countedMax, nowMs });
  const follow = createFollow({ store, follows, followersOf: counted.of, changed: cache.forget });
  const followers: Followers = { among: store.among };

  return {
    follows,
    /** For how long, from a memory a second old at the most: for questions that anybody can make us ask many times a second. */
    recentFollows: cache.follows,
    followers,
    register(gateway: Gateway): void {
      gateway.expose('follow:start', ({ personId }, { hostId }) => follow.start(personId, hostId));
      gateway.expose('follow:stop', ({ personId }, { hostId }) => follow.stop(personId, hostId));
      gateway.expose('follow:host', ({ personId }, { hostId }) => follow.host(personId, hostId));
      gateway.expose('follow:mine', ({ personId }, { rows, skip }) => follow.mine(personId, rows, skip));
    },
  };
}

/** What is known of people, in their order. */
function inOrder(among: (hostId: string, personIds: readonly string[]) => Promise<ReadonlyMap<string, number>>) {
  return async (hostId: string, personIds: readonly string[]): Promise<(number | null)[]> => {
    const found = await among(hostId, personIds);
    return personIds.map((personId) => found.get(personId) ?? null);
  };
}
