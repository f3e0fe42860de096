import { levelOfPoints } from '../../../shared/fan-levels.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { FanClubStore } from './fan-clubs.ts';
import type { Membership } from './membership.ts';

/** A level may be this old, ms: how long somebody who left in another process may still enter as a member. */
const freshMs = 3_000;
/** Memberships remembered. */
const keysMax = 50_000;

/** Levels from a short-lived memory: checkout, chat and entry ask for the same few people again and again. */
export function createMembershipCache(store: Pick<FanClubStore, 'membership'>, nowMs: () => number) {
  const levels = createShortMemory({ read, freshMs, keysMax, nowMs });
  const keyOf = (clubId: string, personId: string): string => `${clubId} ${personId}`;

  const membership: Membership = { levelOf: (clubId, personId) => levels.of(keyOf(clubId, personId)) };
  return {
    membership,
    forget: (clubId: string, personId: string): void => levels.forget(keyOf(clubId, personId)),
  };

  async function read(key: string): Promise<number | null> {
    const [clubId = '', personId = ''] = key.split(' ');
    const row = await store.membership(clubId, personId);
    return row?.state === 'member' ? levelOfPoints(row.points) : null;
  }
}
