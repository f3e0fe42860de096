import type { Club } from '../../../shared/protocol/fan-club.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { Signals } from '../room-log/signals.ts';
import type { Presence } from '../room/presence.socket.ts';
import type { Rooms } from '../room/rooms.ts';
import type { FanClubStore, Group } from './fan-clubs.ts';

type Needs = {
  store: Pick<FanClubStore, 'groupsAmong' | 'among'>;
  presence: Pick<Presence, 'people' | 'remove'>;
  rooms: Pick<Rooms, 'relations'>;
  signals: Signals;
  /** Forgets what is cached of a membership, here. */
  forget: (clubId: string, personId: string) => void;
  onError: (error: unknown, groupRoomId: string) => void;
};

/** Members looked up at once. */
const peopleAtOnce = 1_000;
const signalName = 'membership-ended';

/**
 * Puts people out of a fan group whose membership ended. All gateways that serve the group are told at once; and as that word may
 * get lost, and somebody may just be coming in, each looks by itself every few seconds who does not belong there any more. That is
 * everybody when an operator has closed the group.
 */
export function createGroupDoor({ store, presence, rooms, signals, forget, onError }: Needs) {
  signals.on(signalName, (roomId, text) => {
    const [clubId = '', personId = ''] = text.split(' ');
    putOutStranger(clubId, roomId, personId, 'not_member').catch((error: unknown) => onError(error, roomId));
  });

  return {
    async putOut({ clubId, groupRoomId }: Pick<Club, 'clubId' | 'groupRoomId'>, personId: string): Promise<void> {
      if (groupRoomId) await signals.send(groupRoomId, signalName, `${clubId} ${personId}`);
    },
    /** Looks at everybody who is in a group on this gateway. */
    async check(): Promise<void> {
      const here = new Map(presence.people());
      if (here.size === 0) return;
      for (const group of await store.groupsAmong([...here.keys()]))
        await checkGroup(group, [...here.get(group.roomId)!.keys()]).catch((error: unknown) =>
          onError(error, group.roomId),
        );
    },
  };

  async function checkGroup({ clubId, roomId, isClosed }: Group, personIds: readonly string[]): Promise<void> {
    for (const some of groupsOf(personIds, peopleAtOnce)) {
      const members = isClosed ? nobody : await store.among(clubId, some);
      for (const personId of some)
        if (!members.has(personId)) await putOutStranger(clubId, roomId, personId, isClosed ? 'closed' : 'not_member');
    }
  }

  /** Host and staff are no members and stay. */
  async function putOutStranger(
    clubId: string,
    roomId: string,
    personId: string,
    reason: 'not_member' | 'closed',
  ): Promise<void> {
    forget(clubId, personId);
    const relations = await rooms.relations(roomId, personId);
    if (!relations.has('viewer')) presence.remove(roomId, reason, (presentId) => presentId === personId);
  }
}

const nobody: ReadonlySet<string> = new Set();
