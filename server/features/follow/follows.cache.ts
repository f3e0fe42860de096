import { createShortMemory } from '../../platform/short-memory.ts';
import type { Follows } from './follows.ts';

/** How long it takes at the most, ms, until a follow made on another gateway is known. */
const freshMs = 1_000;
const keysMax = 50_000;

/** Who follows whom, from a short-lived memory: in a chat for followers each line asks. */
export function createFollowsCache(store: Follows, nowMs: () => number) {
  const keyOf = (hostId: string, personId: string): string => `${hostId} ${personId}`;
  const since = createShortMemory({
    read(key) {
      const [hostId = '', personId = ''] = key.split(' ');
      return store.sinceMs(hostId, personId);
    },
    freshMs,
    keysMax,
    nowMs,
  });

  const follows: Follows = { sinceMs: (hostId, personId) => since.of(keyOf(hostId, personId)) };
  return {
    follows,
    forget: (hostId: string, personId: string): void => since.forget(keyOf(hostId, personId)),
  };
}
