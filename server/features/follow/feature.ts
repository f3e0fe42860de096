import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { createFollow } from './follow.ts';
import { createFollowsCache } from './follows.cache.ts';
import { createFollowStore } from './follows.pg.ts';
import type { Followers, Follows } from './follows.ts';

export function createFollowFeature({ db, nowMs }: Platform) {
  const store = createFollowStore(db);
  const cache = createFollowsCache(store, nowMs);
  const follow = createFollow({ store, changed: cache.forget });
  const follows: Follows = { sinceMs: store.sinceMs };
  const followers: Followers = { among: store.among };

  return {
    follows,
    /** The same from a memory a second old at the most, for questions that anybody can make us ask many times a second. */
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
