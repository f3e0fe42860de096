import type { Room } from '../../../shared/protocol/room.ts';
import { shortName } from '../../platform/short-name.ts';
import type { RoomLog } from '../room-log/room-log.ts';

type Needs = {
  roomOf: (roomId: string) => Promise<Pick<Room, 'hostId' | 'state'>>;
  log: Pick<RoomLog, 'append'>;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown) => void;
};

type Joined = { name: string; others: number };

/** How often a room is told that people joined, at most; those between are counted. */
const tellEveryMs = 1_000;
/** Rooms with something to say at a time; past it nothing is said. */
const roomsMax = 10_000;

/** Says in a show that somebody joined the club of its host there. A nicety: nothing of it may fail a join, and it may be lost. */
export function createJoinNews({ roomOf, log, after, onError }: Needs) {
  const waiting = new Map<string, Joined>();

  return function joined(clubId: string, roomId: string, name: string): void {
    roomOf(roomId).then((room) => {
      if (room.hostId === clubId && room.state === 'live') note(roomId, name);
    }, onError);
  };

  function note(roomId: string, name: string): void {
    const known = waiting.get(roomId);
    if (known) return void (known.others += 1);
    if (waiting.size >= roomsMax) return;
    waiting.set(roomId, { name: shortName(name), others: 0 });
    after(tellEveryMs, () => {
      const entry = waiting.get(roomId)!;
      waiting.delete(roomId);
      log.append(roomId, 'fan-club:joined', entry).catch(onError);
    });
  }
}
