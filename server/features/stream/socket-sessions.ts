import { randomBytes } from 'node:crypto';
import { AppError } from '../../../shared/errors.ts';
import { sessionsPerQuestionMax, type MediaEvent } from '../../../shared/media-link.ts';
import type { SessionEnd } from '../../../shared/protocol/media.ts';
import type { GatewaySocket } from '../../gateway/call.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { Sfu } from './sfu.ts';

export type SocketSession = { roomId: string; sessionId: string };
type Owner = { socket: GatewaySocket; roomId: string; isOpen: boolean };
export type SocketSessions = ReturnType<typeof createSocketSessions>;

/** Media sessions one socket may have: to watch and to publish, in a room or two. */
const sessionsPerSocketMax = 6;

/** A gateway that loses thousands of sockets at once ends more sessions than may wait for the media server: the rest a moment later. */
const endTriesMax = 3;
const endAgainAfterMs = 1_000;

/** 192 random bits: knowing a session id is the right to it. */
export const newSessionId = (): string => randomBytes(24).toString('base64url');

/** The media sessions of the sockets of this gateway. They end with their socket, and their socket hears of their end. */
export function createSocketSessions(sfu: Pick<Sfu, 'end' | 'ended'>) {
  const owners = new Map<string, Owner>();
  /** The same by room, for news of a room: it must not cost a look at the sessions of all others. */
  const byRoom = new Map<string, Set<Owner>>();
  /** Sessions of each socket whose end is heard: one listener each, however often sessions are begun and forgotten. */
  const bySocket = new WeakMap<GatewaySocket, Set<string>>();

  return {
    /** A session for this socket, before the media server opens it, so that no event is missed. */
    begin(socket: GatewaySocket, roomId: string): SocketSession {
      const own = watch(socket);
      if (own.size >= sessionsPerSocketMax)
        throw new AppError('RATE_LIMITED', 'This connection has enough media sessions.', { retryAfterMs: 2_000 });
      const sessionId = newSessionId();
      const owner = { socket, roomId, isOpen: false };
      owners.set(sessionId, owner);
      own.add(sessionId);
      byRoom.set(roomId, (byRoom.get(roomId) ?? new Set()).add(owner));
      return { roomId, sessionId };
    },
    /** The media server has opened it. */
    opened(sessionId: string): void {
      const owner = owners.get(sessionId);
      if (owner) owner.isOpen = true;
    },
    forget,
    /** @throws AppError NOT_FOUND when the session is not this socket's: nobody steers the session of another. */
    check(socket: GatewaySocket | undefined, { roomId, sessionId }: SocketSession): void {
      const owner = owners.get(sessionId);
      if (!owner || owner.socket !== socket || owner.roomId !== roomId)
        throw new AppError('NOT_FOUND', 'This media session has ended.');
    },
    /** Passes an event of the media server on to those it concerns. */
    hear(event: MediaEvent): void {
      if (event.type === 'closed') told(event.sessionId, event.reason);
      if (event.type === 'quality') {
        const { type: _type, gatewayId: _gatewayId, ...quality } = event;
        owners.get(event.sessionId)?.socket.emit('media:quality', quality);
      }
      if (event.type === 'lost') {
        const { roomId, sessionId, consumerId } = event;
        owners.get(sessionId)?.socket.emit('media:streams', { roomId, gone: [consumerId] });
      }
      if (event.type === 'streams') tellStreams(event.roomId, event.gone);
    },
    /** Tells of the ends that could not be heard while the media server, or the way to it, was away; and that streams may have changed. */
    async catchUp(): Promise<void> {
      // Those it is known to have had by now: it may be opening others.
      const open = [...owners].filter(([, { isOpen }]) => isOpen);
      const asked = open.map(([sessionId, { roomId }]) => ({ roomId, sessionId }));
      for (const sessions of groupsOf(asked, sessionsPerQuestionMax)) {
        const { ended } = await sfu.ended({ sessions });
        for (const { sessionId, reason } of ended) told(sessionId, reason);
      }
      for (const roomId of byRoom.keys()) tellStreams(roomId, []);
    },
  };

  function watch(socket: GatewaySocket): Set<string> {
    const known = bySocket.get(socket);
    if (known) return known;
    const own = new Set<string>();
    bySocket.set(socket, own);
    socket.once('disconnect', () => endAll(own));
    return own;
  }

  function forget(sessionId: string): Owner | undefined {
    const owner = owners.get(sessionId);
    if (!owner) return undefined;
    owners.delete(sessionId);
    bySocket.get(owner.socket)?.delete(sessionId);
    const inRoom = byRoom.get(owner.roomId);
    inRoom?.delete(owner);
    if (inRoom?.size === 0) byRoom.delete(owner.roomId);
    return owner;
  }

  function told(sessionId: string, reason: SessionEnd): void {
    const owner = forget(sessionId);
    if (!owner) return;
    owner.socket.emit('media:closed', { roomId: owner.roomId, sessionId, reason });
  }

  function tellStreams(roomId: string, gone: string[]): void {
    const sockets = new Set([...(byRoom.get(roomId) ?? [])].map(({ socket }) => socket));
    for (const socket of sockets) socket.emit('media:streams', { roomId, gone });
  }

  function endAll(own: ReadonlySet<string>): void {
    for (const sessionId of [...own]) {
      const { roomId } = forget(sessionId)!;
      void end({ roomId, sessionId });
    }
  }

  /** Should the media server not hear this, it notices by itself that the client is gone: within minutes at the latest. */
  async function end(session: SocketSession): Promise<void> {
    for (let triesLeft = endTriesMax; triesLeft > 0; triesLeft -= 1) {
      const failure = await sfu.end({ ...session, reason: 'left' }).then(
        () => null,
        (error: unknown) => error,
      );
      if (!(failure instanceof AppError && failure.code === 'RETRY')) return;
      await new Promise((resolve) => setTimeout(resolve, endAgainAfterMs * (1 + Math.random())).unref());
    }
  }
}
