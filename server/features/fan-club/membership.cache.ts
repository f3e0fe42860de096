import { createBatches } from '../../platform/batches.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { RoomChanges } from '../room/room-changes.ts';
import type { Members, Membership } from './membership.ts';

/** A level may be this old, ms: how long somebody who left in another process may still enter as a member. */
const freshMs = 3_000;
/** Hosts remembered who have a club, or none. */
const clubsMax = 10_000;
/** Memberships remembered. */
const keysMax = 50_000;
/** People looked up in one statement, and waiting for theirs. */
const batch = { itemsMax: 500, waitingMax: 10_000 } as const;

type Needs = {
  members: Members;
  hasClub: (hostId: string) => Promise<boolean>;
  changes: RoomChanges;
  nowMs: () => number;
};

/**
 * Levels from a short-lived memory: checkout, chat and entry ask for the same few people again and again. Who is not in it is
 * looked up with all others who are asked for meanwhile: in a busy chat that is somebody new every few milliseconds. Where the host
 * has no club, nobody is looked up.
 */
export function createMembershipCache({ members, hasClub, changes, nowMs }: Needs) {
  const reads = createBatches({ ...batch, run: levelsAmong });
  const levels = createShortMemory({ read, freshMs, keysMax, nowMs });
  const clubs = createShortMemory({ read: hasClub, freshMs: () => changes.freshMs(freshMs), keysMax: clubsMax, nowMs });
  changes.onChange((isChanged) => clubs.forgetWhere((hostId, found) => found === undefined || isChanged(hostId)));
  const keyOf = (clubId: string, personId: string): string => `${clubId} ${personId}`;

  const membership: Membership = { levelOf: (clubId, personId) => levels.of(keyOf(clubId, personId)) };
  return {
    membership,
    forget(clubId: string, personId: string): void {
      clubs.forget(clubId);
      levels.forget(keyOf(clubId, personId));
    },
  };

  async function read(key: string): Promise<number | null> {
    const [clubId = '', personId = ''] = key.split(' ');
    return (await clubs.of(clubId)) ? reads.add(clubId, personId) : null;
  }

  async function levelsAmong(clubId: string, personIds: readonly string[]): Promise<(number | null)[]> {
    const found = await members.among(clubId, personIds);
    return personIds.map((personId) => found.get(personId)?.level ?? null);
  }
}
