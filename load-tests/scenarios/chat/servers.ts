import { cpuMsOf } from '../../harness/cpu.ts';
import type { RequestTemplate } from '../../harness/fleet-tasks.ts';
import { startProgram } from '../../harness/program.ts';

/** A chat server that is up, with one room. */
export type ChatServer = {
  pid: number;
  url: string;
  /** CPU time of all its processes; databases are not in it. */
  cpuMs(): number;
  /** CPU time of its databases; 0 when it has none. */
  storesCpuMs(): number;
  /** What each of `count` sockets sends as `auth`. */
  auths(count: number): Promise<unknown[]>;
  join: RequestTemplate;
  /** Says something of about 100 characters in the room. */
  send: RequestTemplate;
  stop(): Promise<void>;
};

/** A kind of chat server: ours, a peer or a floor. */
export type ChatServerKind = { name: string; setUp: string; start(): Promise<ChatServer> };

/** The mark makes each message unlike the one before it. */
export const chatText =
  '{mark} the lamp in the second picture, does it come in green as well, and how long is its cable?';

export const socketIo: ChatServerKind = {
  name: 'Socket.IO',
  setUp:
    'socket.io of the lockfile, adapter in memory, WebSocket only, no compression; an event in with ack, io.to(room).emit out; no history, no checks',
  start: () => startPeer('socket-io.ts'),
};

export const wsLoop: ChatServerKind = {
  name: 'ws loop',
  setUp: 'ws, one send per member and message; no rooms, no heartbeats',
  start: () => startPeer('ws-loop.ts'),
};

export const writeLoop: ChatServerKind = {
  name: 'write loop',
  setUp: 'one write of a finished frame to the TCP socket per member and message',
  start: () => startPeer('write-loop.ts'),
};

export const pacedWriteLoop = (windowMs: number): ChatServerKind => ({
  name: `write loop, ${windowMs} ms`,
  setUp: `all messages of ${windowMs} ms in one write to the TCP socket per member`,
  start: () => startPeer('write-loop.ts', { FLOOR_WINDOW_MS: `${windowMs}` }),
});

async function startPeer(file: string, env: Record<string, string> = {}): Promise<ChatServer> {
  const program = await startProgram({ file: new URL(`../../peers/${file}`, import.meta.url), env });
  return {
    ...program,
    cpuMs: () => cpuMsOf(program.pid),
    storesCpuMs: () => 0,
    auths: async (count) => Array.from({ length: count }, () => ({})),
    join: { name: 'join', input: { roomId: 'lamps' } },
    send: { name: 'send', input: { roomId: 'lamps', text: chatText } },
  };
}
