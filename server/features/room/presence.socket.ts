import type { GatewaySocket } from '../../gateway/call.ts';
import { createMember } from '../room-log/member.socket.ts';
import type { Member } from '../room-log/feed.ts';
import type { Feeds } from '../room-log/feeds.ts';
import type { Position } from '../../../shared/protocol/room.ts';

/** Rooms one socket may be in at a time: a show and a few fan groups. */
export const roomsPerSocketMax = 20;

type Present = { personId: string; member: Member };

export type Presence = ReturnType<typeof createPresence>;

/** Which sockets of this gateway are in which rooms. A socket leaves all its rooms when it closes. */
export function createPresence(feeds: Pick<Feeds, 'leave'>) {
  const bySocket = new Map<GatewaySocket, Map<string, Present>>();
  const byRoom = new Map<string, Map<GatewaySocket, Present>>();

  return {
    roomsOf: (socket: GatewaySocket): number => bySocket.get(socket)?.size ?? 0,
    isIn: (socket: GatewaySocket, roomId: string): boolean => bySocket.get(socket)?.has(roomId) ?? false,
    /** Makes the member that stands for a socket in a room; coming back to the same room replaces the former one. */
    enter(socket: GatewaySocket, roomId: string, at: Position): Member {
      leave(socket, roomId);
      const present = { personId: socket.data.viewer.personId, member: createMember(socket, at) };
      roomsOf(socket).set(roomId, present);
      const people = byRoom.get(roomId);
      if (people) people.set(socket, present);
      else byRoom.set(roomId, new Map([[socket, present]]));
      return present.member;
    },
    leave,
    /** Puts a person out of a room, on all their sockets here. */
    remove(roomId: string, reason: 'kicked' | 'banned' | 'closed', isMeant: (personId: string) => boolean): void {
      for (const [socket, { personId }] of byRoom.get(roomId) ?? []) {
        if (!isMeant(personId)) continue;
        leave(socket, roomId);
        socket.emit('room:removed', { roomId, reason });
      }
    },
    /** Rooms with people in them, and who they are. A person with several sockets is there once. */
    *people(): Generator<[roomId: string, personIds: Set<string>]> {
      for (const [roomId, people] of byRoom)
        yield [roomId, new Set([...people.values()].map(({ personId }) => personId))];
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

  function leave(socket: GatewaySocket, roomId: string): boolean {
    const present = bySocket.get(socket)?.get(roomId);
    if (!present) return false;
    bySocket.get(socket)!.delete(roomId);
    const people = byRoom.get(roomId)!;
    people.delete(socket);
    if (people.size === 0) byRoom.delete(roomId);
    feeds.leave(roomId, present.member);
    return true;
  }
}
