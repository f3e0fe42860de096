import { shortName } from '../../platform/short-name.ts';
import { createThinned } from '../../platform/thinned.ts';
import type { Rooms } from '../room/rooms.ts';
import type { RoomLog } from '../room-log/room-log.ts';

type Needs = {
  rooms: Pick<Rooms, 'get' | 'relations'>;
  log: Pick<RoomLog, 'append'>;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown) => void;
};

/** How often a room is told that people joined, at most; those between are counted. */
const tellEveryMs = 1_000;
/** Rooms with something to say at a time; past it nothing is said. */
const roomsMax = 10_000;

/** Says in a show that somebody joined the club of its host there. A nicety: nothing of it may fail a join, and it may be lost. */
export function createJoinNews({ rooms, log, after, onError }: Needs) {
  const note = createThinned<{ roomId: string; name: string }>({
    everyMs: tellEveryMs,
    keysMax: roomsMax,
    after,
    say: ({ roomId, name }, others) => void log.append(roomId, 'fan-club:joined', { name, others }).catch(onError),
  });

  return function joined(clubId: string, roomId: string, person: { personId: string; name: string }): void {
    tell(clubId, roomId, person).catch(onError);
  };

  /** Nobody speaks in a room that they may not see. */
  async function tell(clubId: string, roomId: string, { personId, name }: { personId: string; name: string }) {
    const [room, relations] = await Promise.all([rooms.get(roomId), rooms.relations(roomId, personId)]);
    if (room.hostId !== clubId || room.state !== 'live' || !relations.has('viewer')) return;
    note(roomId, () => ({ roomId, name: shortName(name) }));
  }
}
