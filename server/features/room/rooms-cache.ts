import { AppError } from '../../../shared/errors.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import type { RoomStore } from './room-store.ts';
import type { RoomRelation, Rooms } from './rooms.ts';

type Known = { room: Room; staff: ReadonlyMap<string, 'moderator' | 'assistant'>; readAtMs: number };

type Needs = {
  store: Pick<RoomStore, 'find' | 'staff' | 'liveOf'>;
  /** People who may not see a room any more. */
  isBanned: (roomId: string, personId: string) => Promise<boolean>;
  /** Further conditions to enter a room that is not a show: asked for everybody but host and staff. */
  mayEnterGroup: (room: Room, personId: string) => Promise<boolean>;
  nowMs: () => number;
};

/** What was read is believed this long, ms: a gateway that does not serve the room does not hear of its changes. */
const freshMs = 1_000;
/** Rooms remembered; past it the longest known is forgotten. */
const roomsMax = 10_000;

/** Rooms and the relations of people to them, read once a second at the most however many ask. */
export function createRoomsCache({ store, isBanned, mayEnterGroup, nowMs }: Needs) {
  const known = new Map<string, Promise<Known>>();

  const rooms: Rooms = {
    async get(roomId) {
      return (await read(roomId)).room;
    },
    liveOf: (hostId) => store.liveOf(hostId),
    async relations(roomId, personId) {
      const { room, staff } = await read(roomId);
      const held = new Set<RoomRelation>();
      if (room.hostId === personId) held.add('host');
      const role = staff.get(personId);
      if (role) held.add(role);
      if (held.size > 0 || (await maySee(room, personId))) held.add('viewer');
      return held;
    },
  };

  return {
    rooms,
    forget: (roomId: string): void => void known.delete(roomId),
  };

  async function maySee(room: Room, personId: string): Promise<boolean> {
    if (room.rehearsal) return false;
    if (await isBanned(room.roomId, personId)) return false;
    return room.kind === 'show' || mayEnterGroup(room, personId);
  }

  async function read(roomId: string): Promise<Known> {
    const found = await known.get(roomId);
    if (found && nowMs() - found.readAtMs < freshMs) return found;
    const reading = load(roomId);
    known.delete(roomId); // The newest goes to the end, so that the first is the longest known.
    known.set(roomId, reading);
    if (known.size > roomsMax) known.delete(known.keys().next().value!);
    reading.catch(() => known.delete(roomId));
    return reading;
  }

  async function load(roomId: string): Promise<Known> {
    const readAtMs = nowMs();
    const [room, staff] = await Promise.all([store.find(roomId), store.staff(roomId)]);
    if (!room) throw new AppError('NOT_FOUND', 'There is no such room.');
    return { room, staff: new Map(staff.map(({ personId, role }) => [personId, role])), readAtMs };
  }
}
