import { AppError } from '../../../shared/errors.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { isOver } from '../../../shared/room-state.ts';
import { createShortMemory } from '../../platform/short-memory.ts';
import type { RoomChanges } from './room-changes.ts';
import type { RoomStore, RoomWithRoles } from './room-store.ts';
import type { RoomRelation, RoomRole, Rooms } from './rooms.ts';

/** What somebody is told who was put out of a room and may not be there yet; null for anybody else. */
export type SentAway = (roomId: string, personId: string) => Promise<AppError | null>;

/** Whether a person is among the fans whom a room is open to, or may come in with them. */
export type MayEnterWithFans = (room: Room, personId: string) => Promise<boolean>;

type Needs = {
  store: Pick<RoomStore, 'findWithRoles' | 'liveOf' | 'openOf' | 'helpsIn'>;
  sentAway: SentAway;
  /** Asked for everybody but host and staff. */
  mayEnterWithFans: MayEnterWithFans;
  changes: RoomChanges;
  nowMs: () => number;
};

/** While nobody would tell us of changes, what was read is believed this long, ms. */
const untoldMs = 1_000;
/** Rooms remembered. */
const roomsMax = 10_000;

/** Rooms and the relations of people to them, read when they have changed, however many ask. */
export function createRoomsCache({ store, sentAway, mayEnterWithFans, changes, nowMs }: Needs) {
  const known = createShortMemory({ read, freshMs: () => changes.freshMs(untoldMs), keysMax: roomsMax, nowMs });
  changes.onChange((isChanged) => known.forgetWhere((roomId, found) => !found || isChanged(roomId, found.room.hostId)));

  const rooms: Rooms = {
    async get(roomId) {
      return (await known.of(roomId)).room;
    },
    liveOf: (hostId) => store.liveOf(hostId),
    openOf: (hostId) => store.openOf(hostId),
    helpsIn: (hostId, personId) => store.helpsIn(hostId, personId),
    async roleOf(roomId, personId) {
      return roleIn(await known.of(roomId), personId);
    },
    async relations(roomId, personId) {
      const found = await known.of(roomId);
      const role = roleIn(found, personId);
      if (role) return new Set<RoomRelation>([role, 'viewer']);
      return new Set<RoomRelation>((await maySee(found.room, personId)) ? ['viewer'] : []);
    },
    async whyNot(roomId, personId) {
      const found = await known.of(roomId);
      if (personId !== null && roleIn(found, personId)) return null;
      const away = personId === null ? null : await sentAway(roomId, personId);
      return away ?? ((await isForOthers(found.room, personId)) ? fansOnly() : null);
    },
  };

  return { rooms, forget: known.forget };

  function roleIn({ room, roles }: RoomWithRoles, personId: string): RoomRole | null {
    return room.hostId === personId ? 'host' : (roles.get(personId) ?? null);
  }

  async function maySee(room: Room, personId: string): Promise<boolean> {
    if (room.rehearsal) return false;
    if (await sentAway(room.roomId, personId)) return false;
    return room.openTo === 'everyone' || mayEnterWithFans(room, personId);
  }

  /** Joining the club would let them in: not into a rehearsal, nor into a group that was closed. */
  async function isForOthers(room: Room, personId: string | null): Promise<boolean> {
    if (room.openTo === 'everyone' || room.rehearsal || (room.kind === 'group' && isOver(room))) return false;
    return personId === null || !(await mayEnterWithFans(room, personId));
  }

  async function read(roomId: string): Promise<RoomWithRoles> {
    const found = await store.findWithRoles(roomId);
    if (!found) throw new AppError('NOT_FOUND', 'There is no such room.');
    return found;
  }
}

const fansOnly = () => new AppError('FORBIDDEN', 'This is for members of the fan club.', { reason: 'fans-only' });
