import { AppError } from '../../../shared/errors.ts';
import type { FollowStore } from './follows.pg.ts';

/** People follow hosts. */
export function createFollow(store: FollowStore) {
  return {
    async start(personId: string, hostId: string): Promise<{ sinceMs: number }> {
      if (personId === hostId) throw new AppError('CONFLICT', 'Nobody follows themselves.');
      return { sinceMs: await store.add(hostId, personId) };
    },
    stop: async (personId: string, hostId: string) => ({ followed: await store.remove(hostId, personId) }),
    async host(personId: string, hostId: string) {
      const [followers, sinceMs] = await Promise.all([store.count(hostId), store.sinceMs(hostId, personId)]);
      return { followers, sinceMs };
    },
    mine: async (personId: string, rows: number, skip: number) => ({ hosts: await store.of(personId, rows, skip) }),
  };
}
