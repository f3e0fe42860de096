import { cpuMsOf } from '../../harness/cpu.ts';
import type { RequestTemplate } from '../../harness/fleet-tasks.ts';
import { startProgram } from '../../harness/program.ts';

/** A chat server that is up, with one room. */
export type ChatServer = {
  pid: number;
  url: string;
  cpuMs(): number;
  /** What each of `count` sockets sends as `auth`. */
  auths(count: number): Promise<unknown[]>;
  join: RequestTemplate;
  /** A chat message of about 100 characters. */
  send: RequestTemplate;
  stop(): Promise<void>;
};

/** A kind of chat server: ours, a peer or a floor. */
export type ChatServerKind = { name: string; setUp: string; start(): Promise<ChatServer> };

const text = '{mark} the lamp in the second picture, does it come in green as well, and how long is the cable?';

export const socketIoPeer: ChatServerKind = {
  name: 'Socket.IO',
  setUp:
    'socket.io of the lockfile with the default adapter in memory, WebSocket only, no compression; a send event with ack, then io.to(room).emit',
  start: () => startPeer(new URL('../../peers/socket-io.ts', import.meta.url)),
};

async function startPeer(file: URL): Promise<ChatServer> {
  const program = await startProgram({ file });
  return {
    ...program,
    cpuMs: () => cpuMsOf(program.pid),
    auths: async (count) => Array.from({ length: count }, () => ({})),
    join: { name: 'join', input: { roomId: 'lamps' } },
    send: { name: 'send', input: { roomId: 'lamps', text } },
  };
}
