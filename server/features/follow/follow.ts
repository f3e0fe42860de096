import { AppError } from '../../../shared/errors.ts';
import type { FollowStore } from './follows.pg.ts';
import type { Follows } from './follows.ts';

type Needs = {
  store: FollowStore;
  follows: Follows;
  /** How many follow a host, as of some seconds ago. */
  followersOf: (hostId: string) => Promise<number>;
  /** Somebody follows a host now, or does not any more. */
  changed: (hostId: string, personId: string) => void;
};

/** People follow hosts. */
export function createFollow({ store, follows, followersOf, changed }: Needs) {
  return {
    async start(personId: string, hostId: string): Promise<{ sinceMs: number }> {
      if (personId === hostId) throw new AppError('CONFLICT', 'Nobody follows themselves.', { reason: 'own-self' });
      const sinceMs = await store.add(hostId, personId);
      changed(hostId, personId);
      return { sinceMs };
    },
    async stop(personId: string, hostId: string): Promise<{ followed: boolean }> {
      const followed = await store.remove(hostId, personId);
      changed(hostId, personId);
      return { followed };
    },
    async host(personId: string, hostId: string) {
      const [followers, sinceMs] = await Promise.all([followersOf(hostId), follows.sinceMs(hostId, personId)]);
      return { followers, sinceMs };
    },
    mine: async (personId: string, rows: number, skip: number) => ({ hosts: await store.of(personId, rows, skip) }),
  };
}
