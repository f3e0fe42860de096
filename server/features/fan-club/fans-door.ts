import { groupsOf } from '../../platform/each-of.ts';
import type { Signals } from '../room-log/signals.ts';
import type { Presence } from '../room/presence.socket.ts';
import type { Rooms } from '../room/rooms.ts';
import type { FanClubStore, RoomForFans } from './fan-clubs.ts';

type Needs = {
  store: Pick<FanClubStore, 'roomsForFans' | 'forFansAmong' | 'among'>;
  presence: Pick<Presence, 'people' | 'remove'>;
  rooms: Pick<Rooms, 'relations'>;
  signals: Signals;
  /** Forgets what is cached of a membership, here. */
  forget: (clubId: string, personId: string) => void;
  /** Somebody may not be there any more: they may watch without a socket. Called on every gateway that hears it. */
  onStranger: (roomId: string, personId: string) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Members looked up at once. */
const peopleAtOnce = 1_000;
/** Rooms of one club that are told at once that a membership ended; those that are on come first. In others it is found at the next look. */
const roomsToldMax = 20;
const signalName = 'membership-ended';

/**
 * Puts people out of rooms for fans whose membership ended: the club's group and its host's shows for fans. All gateways that serve such
 * a room are told at once; and as that word may get lost, and somebody may just be coming in, each looks by itself every few seconds who
 * does not belong there any more. That is everybody when an operator has closed the group, and everybody but fans when a show was made one
 * for them.
 */
export function createFansDoor({ store, presence, rooms, signals, forget, onStranger, onError }: Needs) {
  signals.on(signalName, (roomId, text) => {
    const [clubId = '', personId = ''] = text.split(' ');
    putOutStranger(clubId, roomId, personId, 'not_member').catch((error: unknown) => onError(error, roomId));
  });

  return {
    async putOut(clubId: string, personId: string): Promise<void> {
      const roomIds = await store.roomsForFans(clubId, roomsToldMax);
      await Promise.all(roomIds.map((roomId) => signals.send(roomId, signalName, `${clubId} ${personId}`)));
    },
    /** Looks at everybody who is in a room for fans on this gateway. */
    async check(): Promise<void> {
      const here = new Map(presence.people());
      if (here.size === 0) return;
      for (const room of await store.forFansAmong([...here.keys()]))
        await checkRoom(room, [...here.get(room.roomId)!.keys()]).catch((error: unknown) =>
          onError(error, room.roomId),
        );
    },
  };

  async function checkRoom({ clubId, roomId, isClosed }: RoomForFans, personIds: readonly string[]): Promise<void> {
    for (const some of groupsOf(personIds, peopleAtOnce)) {
      const members = isClosed ? nobody : await store.among(clubId, some);
      for (const personId of some)
        if (!members.has(personId)) await putOutStranger(clubId, roomId, personId, isClosed ? 'closed' : 'not_member');
    }
  }

  /** Host, staff and co-hosts are no members and stay. */
  async function putOutStranger(
    clubId: string,
    roomId: string,
    personId: string,
    reason: 'not_member' | 'closed',
  ): Promise<void> {
    forget(clubId, personId);
    const relations = await rooms.relations(roomId, personId);
    if (relations.has('viewer')) return;
    presence.remove(roomId, reason, (presentId) => presentId === personId);
    onStranger(roomId, personId);
  }
}

const nobody: ReadonlySet<string> = new Set();
