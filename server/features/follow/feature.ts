import type { Gateway } from '../../gateway/gateway.ts';
import type { Platform } from '../../platform/platform.ts';
import { createFollow } from './follow.ts';
import { createFollowStore } from './follows.pg.ts';
import type { Followers, Follows } from './follows.ts';

export function createFollowFeature({ db }: Platform) {
  const store = createFollowStore(db);
  const follow = createFollow(store);
  const follows: Follows = { sinceMs: store.sinceMs };
  const followers: Followers = { among: store.among };

  return {
    follows,
    followers,
    register(gateway: Gateway): void {
      gateway.expose('follow:start', ({ personId }, { hostId }) => follow.start(personId, hostId));
      gateway.expose('follow:stop', ({ personId }, { hostId }) => follow.stop(personId, hostId));
      gateway.expose('follow:host', ({ personId }, { hostId }) => follow.host(personId, hostId));
      gateway.expose('follow:mine', ({ personId }, { rows, skip }) => follow.mine(personId, rows, skip));
    },
  };
}
