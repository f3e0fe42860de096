import { createShortMemory } from '../../platform/short-memory.ts';
import type { FollowAges } from './follows.ts';

/** How long it takes at the most, ms, until a follow made on another gateway is known. */
const freshMs = 1_000;
const keysMax = 50_000;

type Needs = {
  /** How long, ms, a person has followed a host; null when they don't. */
  read: (hostId: string, personId: string) => Promise<number | null>;
  nowMs: () => number;
  /** ms since any fixed moment, never jumping. */
  elapsedMs: () => number;
};

/** Who follows whom, from a short-lived memory: in a chat for followers each line asks. */
export function createFollowsCache({ read, nowMs, elapsedMs }: Needs) {
  const keyOf = (hostId: string, personId: string): string => `${hostId} ${personId}`;
  const ages = createShortMemory({
    async read(key) {
      const [hostId = '', personId = ''] = key.split(' ');
      const ageMs = await read(hostId, personId);
      return ageMs === null ? null : { ageMs, readAtMs: elapsedMs() };
    },
    freshMs,
    keysMax,
    nowMs,
  });

  const follows: FollowAges = {
    async ageMs(hostId, personId) {
      const found = await ages.of(keyOf(hostId, personId));
      return found && found.ageMs + elapsedMs() - found.readAtMs;
    },
  };
  return {
    follows,
    forget: (hostId: string, personId: string): void => ages.forget(keyOf(hostId, personId)),
  };
}
