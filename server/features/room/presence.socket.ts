import { AppError } from '../../../shared/errors.ts';
import type { Position, RemovedReason } from '../../../shared/protocol/room.ts';
import type { GatewaySocket } from '../../gateway/call.ts';
import type { Member } from '../room-log/feed.ts';
import type { Feeds } from '../room-log/feeds.ts';
import { createMember } from '../room-log/member.socket.ts';

/** Rooms one socket may be in at a time: a show and a few fan groups. */
export const roomsPerSocketMax = 20;

/** The people of one room, each once however many sockets they have. */
export type People = { readonly size: number; keys(): Iterable<string> };

type Present = { personId: string; member: Member };
type Crowd = { sockets: Map<GatewaySocket, Present>; socketsOf: Map<string, number> };

export type Presence = ReturnType<typeof createPresence>;

/** Which sockets of this gateway are in which rooms. A socket leaves all its rooms when it closes. */
export function createPresence(feeds: Pick<Feeds, 'leave'>) {
  const bySocket = new Map<GatewaySocket, Map<string, Present>>();
  const byRoom = new Map<string, Crowd>();

  return {
    roomsOf: (socket: GatewaySocket): number => bySocket.get(socket)?.size ?? 0,
    isIn: (socket: GatewaySocket, roomId: string): boolean => bySocket.get(socket)?.has(roomId) ?? false,
    /**
     * Makes the member that stands for a socket in a room; coming back to the same room replaces the former one.
     *
     * @throws AppError RETRY for a socket that closed while it was on the way in: nobody would take it out again.
     */
    enter(socket: GatewaySocket, roomId: string, at: Position): Member {
      if (!socket.connected) throw new AppError('RETRY', 'The connection is closed.');
      leave(socket, roomId);
      const present = { personId: socket.data.viewer.personId, member: createMember(socket, at) };
      roomsOf(socket).set(roomId, present);
      add(crowdOf(roomId), socket, present);
      return present.member;
    },
    leave,
    /** Puts people out of a room, on all their sockets here. */
    remove(roomId: string, reason: RemovedReason, isMeant: (personId: string) => boolean): void {
      for (const [socket, { personId }] of byRoom.get(roomId)?.sockets ?? []) {
        if (!isMeant(personId)) continue;
        leave(socket, roomId);
        socket.emit('room:removed', { roomId, reason });
      }
    },
    isEmpty: (roomId: string): boolean => !byRoom.has(roomId),
    /** Rooms with people in them, and who they are. */
    *people(): Generator<[roomId: string, people: People]> {
      for (const [roomId, { socketsOf }] of byRoom) yield [roomId, socketsOf];
    },
  };

  function roomsOf(socket: GatewaySocket): Map<string, Present> {
    const known = bySocket.get(socket);
    if (known) return known;
    const rooms = new Map<string, Present>();
    bySocket.set(socket, rooms);
    socket.once('disconnect', () => {
      for (const roomId of [...rooms.keys()]) leave(socket, roomId);
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

  function leave(socket: GatewaySocket, roomId: string): boolean {
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
