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
  ask<T>(question: string): Promise<T>;
  /** What each of `count` sockets of new viewers sends as `auth`. */
  auths(count: number): Promise<unknown[]>;
  /** What the host's socket sends as `auth`. */
  hostAuth: unknown;
  join: RequestTemplate;
  /** Says something in the room. */
  say(text: string): RequestTemplate;
  stop(): Promise<void>;
};

export type StartOptions = { nodeFlags?: readonly string[] };

/** A kind of chat server: ours, a peer or a floor. */
export type ChatServerKind = { name: string; setUp: string; start(options?: StartOptions): Promise<ChatServer> };

/** About 100 characters. The mark makes each message unlike the one before it. */
export const markedText =
  '{mark} the lamp in the second picture, does it come in green as well, and how long is its cable?';
/** As long, but not counted. */
export const unmarkedText =
  'No. {number}: the lamp in the third picture, does it come in red as well, and how long is its cable?';

export const socketIo: ChatServerKind = {
  name: 'Socket.IO',
  setUp:
    'socket.io of the lockfile, adapter in memory, WebSocket only, no compression; an event in with ack, io.to(room).emit out; no history, no checks',
  start: (options) => startPeer('socket-io.ts', options),
};

export const announcingSocketIo: ChatServerKind = {
  name: 'Socket.IO, joins announced',
  setUp: 'as Socket.IO; each join tells the room how many are in it, as chat examples do',
  start: (options) => startPeer('socket-io.ts', options, { PEER_ANNOUNCES_JOINS: '1' }),
};

export const wsLoop: ChatServerKind = {
  name: 'ws loop',
  setUp: 'ws, one send per member and message; no rooms, no heartbeats',
  start: (options) => startPeer('ws-loop.ts', options),
};

export const writeLoop: ChatServerKind = {
  name: 'write loop',
  setUp: 'one write of a finished frame to the TCP socket per member and message',
  start: (options) => startPeer('write-loop.ts', options),
};

export const pacedWriteLoop = (windowMs: number): ChatServerKind => ({
  name: `write loop, ${windowMs} ms`,
  setUp: `all messages of ${windowMs} ms in one write to the TCP socket per member`,
  start: (options) => startPeer('write-loop.ts', options, { FLOOR_WINDOW_MS: `${windowMs}` }),
});

async function startPeer(file: string, { nodeFlags = [] }: StartOptions = {}, env: Record<string, string> = {}) {
  const program = await startProgram({ file: new URL(`../../peers/${file}`, import.meta.url), env, nodeFlags });
  const peer: ChatServer = {
    ...program,
    cpuMs: () => cpuMsOf(program.pid),
    storesCpuMs: () => 0,
    auths: async (count) => Array.from({ length: count }, () => ({})),
    hostAuth: {},
    join: { name: 'join', input: { roomId: 'lamps' } },
    say: (text) => ({ name: 'send', input: { roomId: 'lamps', text } }),
  };
  return peer;
}
