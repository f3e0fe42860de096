import type { AppError } from '../../../shared/errors.ts';
import type { Room, RoomKind, RoomState, StaffRole } from '../../../shared/protocol/room.ts';
import { inTime } from '../../platform/in-time.ts';

export type { RoomKind, RoomState };

/** What other features may know about a room. */
export type RoomView = Room;

/** How a person stands to a room, as policy rules name it: `room.host` and so on. `viewer`: may see it. */
export type RoomRelation = RoomRole | 'viewer';
/** Who runs a room, and who helps. */
export type RoomRole = 'host' | StaffRole;

/** Looks rooms up. Relations of a viewer to a room are asked by policy rules: room.host, room.moderator, room.assistant, room.viewer. */
export type Rooms = {
  /** From a short-lived cache that room events invalidate. @throws AppError NOT_FOUND. */
  get(roomId: string): Promise<RoomView>;
  /** Rooms of a host that are live or paused now. */
  liveOf(hostId: string): Promise<RoomView[]>;
  /** Ids of the rooms of a host that are not over, groups too; the newest 200. */
  openOf(hostId: string): Promise<string[]>;
  /** Whether a person helps in any room of a host that is not over. */
  helpsIn(hostId: string, personId: string): Promise<boolean>;
  /** What somebody is in a room besides a viewer, from the same cache; null when it is nothing. @throws AppError NOT_FOUND. */
  roleOf(roomId: string, personId: string): Promise<RoomRole | null>;
  /** What a person is to a room, from a cache a second old at the most. Empty for one who may not see it. @throws AppError NOT_FOUND. */
  relations(roomId: string, personId: string): Promise<ReadonlySet<RoomRelation>>;
  /**
   * What somebody is told who may not see a room: that they were sent away, or that it is for fans. Null when there is nothing to say.
   *
   * @param personId  null: somebody without a session. @throws AppError NOT_FOUND.
   */
  whyNot(roomId: string, personId: string | null): Promise<AppError | null>;
};

/** So long is waited for PostgreSQL to say that somebody may stay of whom a ban or a kick was told, ms. */
const surelyMsMax = 1_000;

/**
 * Whether somebody of whom a ban or a kick was told may see the room all the same: a word that was on its way for long may be of a kick that
 * is over, or a ban that was lifted. Who can't be asked about in time may not.
 */
export async function maySeeForSure(
  rooms: Pick<Rooms, 'relations'>,
  roomId: string,
  personId: string,
): Promise<boolean> {
  const asked = rooms.relations(roomId, personId).then((relations) => relations.has('viewer'));
  return inTime(asked, surelyMsMax, false).catch(() => false);
}

/** Host, moderator or assistant. */
export const isStaff = (relations: ReadonlySet<RoomRelation>): boolean =>
  relations.has('host') || relations.has('moderator') || relations.has('assistant');
