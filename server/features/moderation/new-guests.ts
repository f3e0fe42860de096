import { madeAtMs } from '../../../shared/ids.ts';
import type { Viewer } from '../../gateway/call.ts';
import type { ShortMemory } from '../../platform/short-memory.ts';
import type { NetworkMarks } from './network-marks.redis.ts';
import type { RoomRules } from './room-rules.ts';

type Needs = {
  rulesOf: (roomId: string) => Promise<RoomRules>;
  marks: Pick<NetworkMarks, 'markOf'>;
  /** Remembers who came from where; by `roomId personId mark`, so that it is written now and then only. */
  sightings: ShortMemory<void>;
};

export type NewGuests = ReturnType<typeof createNewGuests>;

/**
 * Keeps those out who were banned and come back as a new guest, where a host wants that. It hits guests alone who come from a
 * network of somebody banned and are younger than the ban: who was there before, and everybody with an account, is none of them.
 */
export function createNewGuests({ rulesOf, marks, sightings }: Needs) {
  return async function isKeptOut(viewer: Viewer, roomId: string, network: string): Promise<boolean> {
    const { hostId, banNetworks } = await rulesOf(roomId);
    if (!banNetworks) return false;
    const mark = marks.markOf(hostId, network);
    await sightings.of(`${roomId} ${viewer.personId} ${mark}`).catch(() => undefined); // Then the next command notes it.
    const bannedAtMs = banNetworks.get(mark);
    return viewer.kind === 'guest' && bannedAtMs !== undefined && madeAtMs(viewer.personId) > bannedAtMs;
  };
}
