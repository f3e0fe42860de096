import type { RoomFrame } from '../protocol/room.ts';
import { createConnection, type Credentials } from './connection.ts';
import { createEmitter } from './emitter.ts';
import { createRequests } from './requests.ts';
import { createRoomSession, type RoomEventsSeen, type RoomSession } from './room.ts';
import { createServerClock } from './server-clock.ts';
import { systemTime, type Time } from './time.ts';

export type ClientOptions = {
  /** Origin of the server, `https://live.example`. */
  url: string;
  /** Gives credentials; asked with `fresh` when those given last no longer do. */
  credentials: (fresh: boolean) => Promise<Credentials>;
  time?: Time;
};

export type ClientEvents = {
  state: 'online' | 'offline';
  /** The session is over: sign in again (`SESSION_REVOKED`, `UNAUTHENTICATED`) or reload (`UPGRADE_REQUIRED`). */
  ended: { code: string };
  /** How far the server's clock is ahead of ours, ms: heard with each connection and each join. */
  clock: { offsetMs: number };
  /** Notices of the server to this socket alone, by name. */
  notice: { name: string; body: unknown };
};

export type Client = ReturnType<typeof createClient>;

/** The typed client: requests with retry, rooms without gaps, a socket that comes back. Runs in browsers and in Node. */
export function createClient({ url, credentials, time = systemTime }: ClientOptions) {
  const events = createEmitter<ClientEvents>();
  const rooms = new Map<string, RoomSession>();
  let told: ClientEvents['state'] | undefined;
  const clock = createServerClock(time.nowMs, (offsetMs) => events.emit('clock', { offsetMs }));
  const connection = createConnection({
    url,
    credentials,
    time,
    clock,
    onConnect() {
      tell('online');
      for (const room of rooms.values()) room.join();
    },
    onOffline() {
      for (const room of rooms.values()) room.suspend();
      tell('offline');
    },
    onEnded: (code) => events.emit('ended', { code }),
  });
  const { socket } = connection;
  const request = createRequests(socket, time);
  socket.on('room:frame', (frame: RoomFrame) => rooms.get(frame.roomId)?.take(frame));
  socket.on('room:removed', ({ roomId, ...why }: { roomId: string } & RoomEventsSeen['removed']) =>
    rooms.get(roomId)?.removed(why),
  );
  socket.onAny((name: string, body: unknown) => {
    if (name !== 'room:frame') events.emit('notice', { name, body });
  });
  connection.open();

  /** Each try that fails is no news. */
  function tell(state: ClientEvents['state']): void {
    if (state === told) return;
    told = state;
    events.emit('state', state);
  }

  return {
    on: events.on,
    request,
    /** What time it is at the server; known from the first connection on. */
    clock,
    /** Follows a room from now on. Listen to its events before the next turn. */
    room(roomId: string): RoomSession {
      const known = rooms.get(roomId);
      if (known) return known;
      const room = createRoomSession({ roomId, request, clock, time, onLeft: () => rooms.delete(roomId) });
      rooms.set(roomId, room);
      if (socket.connected) queueMicrotask(room.join);
      return room;
    },
    isOnline: (): boolean => socket.connected,
    /** Cuts the connection as a bad network would; it comes back by itself. For tests and "try again" buttons. */
    reconnect: (): void => void socket.io.engine.close(),
    /** The network may have changed: looks whether the connection outlived that, and makes another one if not. */
    check: connection.check,
    /** The device has a network again: whoever waits to come back, up to 15 s by now, does so at once; who does not wait is checked. */
    returnNow: connection.returnNow,
    close: connection.close,
  };
}
