import { AppError } from '../../../shared/errors.ts';
import type { Position, RemovedReason } from '../../../shared/protocol/room.ts';
import { setNewest } from '../../../shared/newest.ts';
import type { GatewaySocket } from '../../gateway/call.ts';
import type { Member } from '../room-log/feed.ts';
import type { Feeds } from '../room-log/feeds.ts';
import { createMember } from '../room-log/member.socket.ts';

/** Rooms one socket may be in at a time: a show and a few fan groups. */
const roomsPerSocketMax = 20;

/** The people of one room, each once however many sockets they have. */
export type People = { readonly size: number; has(personId: string): boolean; keys(): Iterable<string> };

type Present = { personId: string; member: Member };
type Crowd = { sockets: Map<GatewaySocket, Present>; socketsOf: Map<string, number> };

export type Presence = ReturnType<typeof createPresence>;

/** Which sockets of this gateway are in which rooms. A socket leaves all its rooms when it closes. */
export function createPresence(feeds: Pick<Feeds, 'leave'>) {
  const bySocket = new Map<GatewaySocket, Map<string, Present>>();
  const byRoom = new Map<string, Crowd>();
  /** Which rooms a socket left last, and by which command. */
  const leftAt = new WeakMap<GatewaySocket, Map<string, number>>();

  return {
    isIn: (socket: GatewaySocket, roomId: string): boolean => bySocket.get(socket)?.has(roomId) ?? false,
    /**
     * Makes the member that stands for a socket in a room; coming back to the same room replaces the former one. `order`: that of the
     * command that asked for it.
     *
     * @throws AppError CONFLICT for one room too many, RETRY for a socket that closed or left again while it was on the way in: nobody
     *   would take it out.
     */
    enter(socket: GatewaySocket, roomId: string, order: number, at: Position): Member {
      if (!socket.connected || (leftAt.get(socket)?.get(roomId) ?? -1) > order)
        throw new AppError('RETRY', 'The socket has left again.');
      checkRooms(socket, roomId);
      takeOut(socket, roomId);
      const { personId } = socket.data.viewer;
      const present = { personId, member: createMember(socket, personId, at) };
      roomsOf(socket).set(roomId, present);
      add(crowdOf(roomId), socket, present);
      return present.member;
    },
    /** @throws AppError CONFLICT when the socket is in as many other rooms as it may be. */
    checkRooms,
    /** Whatever asked before `order` to come in, and is on the way still, does not. */
    leave(socket: GatewaySocket, roomId: string, order: number): boolean {
      noteLeft(socket, roomId, order);
      return takeOut(socket, roomId);
    },
    /** Puts people out of a room, on all their sockets here. `untilMs`: when they may come back, if that is set. */
    remove(
      roomId: string,
      reason: RemovedReason,
      isMeant: (personId: string) => boolean,
      untilMs?: number | null,
    ): void {
      for (const [socket, { personId }] of byRoom.get(roomId)?.sockets ?? []) {
        if (!isMeant(personId)) continue;
        takeOut(socket, roomId);
        socket.emit('room:removed', { roomId, reason, ...(untilMs ? { untilMs } : {}) });
      }
    },
    peopleIn: (roomId: string): string[] => [...(byRoom.get(roomId)?.socketsOf.keys() ?? [])],
    hasPerson: (roomId: string, personId: string): boolean => byRoom.get(roomId)?.socketsOf.has(personId) ?? false,
    isEmpty: (roomId: string): boolean => !byRoom.has(roomId),
    /** Rooms with people in them, and who they are. */
    *people(): Generator<[roomId: string, people: People]> {
      for (const [roomId, { socketsOf }] of byRoom) yield [roomId, socketsOf];
    },
  };

  function noteLeft(socket: GatewaySocket, roomId: string, order: number): void {
    const left = leftAt.get(socket) ?? new Map<string, number>();
    leftAt.set(socket, left);
    setNewest(left, roomId, order, roomsPerSocketMax);
  }

  function checkRooms(socket: GatewaySocket, roomId: string): void {
    const rooms = bySocket.get(socket);
    if (rooms && rooms.size >= roomsPerSocketMax && !rooms.has(roomId))
      throw new AppError('CONFLICT', `A socket can be in ${roomsPerSocketMax} rooms.`, { reason: 'too-many' });
  }

  function roomsOf(socket: GatewaySocket): Map<string, Present> {
    const known = bySocket.get(socket);
    if (known) return known;
    const rooms = new Map<string, Present>();
    bySocket.set(socket, rooms);
    socket.once('disconnect', () => {
      for (const roomId of [...rooms.keys()]) takeOut(socket, roomId);
      bySocket.delete(socket);
    });
    return rooms;
  }

  function crowdOf(roomId: string): Crowd {
    const known = byRoom.get(roomId);
    if (known) return known;
    const crowd: Crowd = { sockets: new Map(), socketsOf: new Map() };
    byRoom.set(roomId, crowd);
    return crowd;
  }

  function takeOut(socket: GatewaySocket, roomId: string): boolean {
    const present = bySocket.get(socket)?.get(roomId);
    if (!present) return false;
    bySocket.get(socket)!.delete(roomId);
    const crowd = byRoom.get(roomId)!;
    take(crowd, socket, present);
    if (crowd.sockets.size === 0) byRoom.delete(roomId);
    feeds.leave(roomId, present.member);
    return true;
  }
}

function add({ sockets, socketsOf }: Crowd, socket: GatewaySocket, present: Present): void {
  sockets.set(socket, present);
  socketsOf.set(present.personId, (socketsOf.get(present.personId) ?? 0) + 1);
}

function take({ sockets, socketsOf }: Crowd, socket: GatewaySocket, { personId }: Present): void {
  sockets.delete(socket);
  const left = socketsOf.get(personId)! - 1;
  if (left > 0) socketsOf.set(personId, left);
  else socketsOf.delete(personId);
}
