import { levelOfPoints } from '../../../shared/fan-levels.ts';
import type { FanClubStore } from './fan-clubs.ts';
import type { Membership } from './membership.ts';

/** A level may be this old, ms: how long somebody who left in another process may still enter as a member. */
const freshMs = 3_000;
/** Memberships remembered; the oldest goes first. */
const rememberedMax = 50_000;

type Known = { level: Promise<number | null>; atMs: number };

/** Levels from a short-lived memory: checkout, chat and entry ask for the same few people again and again. */
export function createMembershipCache(store: Pick<FanClubStore, 'membership'>, nowMs: () => number) {
  const known = new Map<string, Known>();
  const keyOf = (clubId: string, personId: string): string => `${clubId} ${personId}`;

  const membership: Membership = {
    levelOf(clubId, personId) {
      const key = keyOf(clubId, personId);
      const found = known.get(key);
      if (found && nowMs() - found.atMs < freshMs) return found.level;
      const level = read(clubId, personId);
      known.delete(key);
      known.set(key, { level, atMs: nowMs() });
      if (known.size > rememberedMax) known.delete(known.keys().next().value!);
      level.catch(() => known.delete(key));
      return level;
    },
  };
  return {
    membership,
    forget: (clubId: string, personId: string): void => void known.delete(keyOf(clubId, personId)),
  };

  async function read(clubId: string, personId: string): Promise<number | null> {
    const row = await store.membership(clubId, personId);
    return row?.state === 'member' ? levelOfPoints(row.points) : null;
  }
}
