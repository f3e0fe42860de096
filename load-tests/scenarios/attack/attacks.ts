import { randomUUID } from 'node:crypto';
import type { Position } from '../../../shared/protocol/room.ts';
import { commandFrame, textFrame, type Attacker } from '../../harness/attacker.ts';

/** What is attacked. */
export type Target = {
  roomId: string;
  /** Where the room's log stood before much was said: who says they stand there is told all of it. */
  begin: Position;
  /** Access tokens of people whom the attacker has made. */
  tokens: readonly string[];
};

export type Attack = { how: string; begin: (attacker: Attacker, target: Target) => Promise<void> | void };

const signedIn = (attacker: Attacker, { tokens }: Target) => Promise.all(tokens.map((token) => attacker.socket(token)));
/** Each of the slow ones sends a byte every so many strokes, ten times a second. */
const strokesOfByte = 10;
/** Who was put out comes back so soon, ms. */
const comingEveryMs = 100;
const ignored = (): undefined => undefined;

/** FAULTS, rows 18, 21 and 22: floods of events, joins, connections and headers, slow senders, and readers that read nothing. */
export const attacks: readonly Attack[] = [
  {
    how: 'by sockets that send commands without end, and come back when they are put out',
    async begin(attacker, target) {
      const sockets = await signedIn(attacker, target);
      const coming = new Set<number>();
      const lines = Buffer.concat(Array.from({ length: 20 }, () => line(target.roomId, randomUUID())));
      const comeBack = async (i: number): Promise<void> => {
        coming.add(i);
        await attacker.socket(target.tokens[i]).then((again) => (sockets[i] = again), ignored);
        setTimeout(() => coming.delete(i), comingEveryMs).unref();
      };
      attacker.keepAt(() =>
        sockets.forEach((socket, i) => {
          if (!socket.destroyed) attacker.write(socket, lines);
          else if (!coming.has(i)) void comeBack(i);
        }),
      );
    },
  },
  {
    how: 'by sockets that send the largest messages there may be, signed in or not',
    async begin(attacker, target) {
      const strangers = await Promise.all(Array.from({ length: 5 }, () => attacker.socket()));
      const sockets = [...(await signedIn(attacker, target)), ...strangers];
      const large = line(target.roomId, 'x'.repeat(60_000));
      attacker.keepAt(() => sockets.forEach((socket) => attacker.write(socket, large)));
    },
  },
  {
    how: 'by a crowd that comes, joins and goes, and comes',
    begin(attacker, { roomId, tokens }) {
      const join = commandFrame('room:join', { roomId });
      let next = 0;
      attacker.keepAt(() => {
        const leave = attacker.socket(tokens[next++ % tokens.length]);
        void leave.then((socket) => void socket.write(join, () => socket.end()), ignored);
      });
    },
  },
  {
    how: 'by sockets that never sign in, and ask for what is not there',
    begin(attacker) {
      const nonsense = Buffer.concat([textFrame('3'), textFrame('40/nowhere,{}'), textFrame('40{"token":"a.b.c"}')]);
      attacker.keepAt(() => {
        for (let i = 0; i < 5; i += 1)
          void attacker.socket().then((socket) => attacker.write(socket, nonsense), ignored);
      });
    },
  },
  {
    how: 'by headers without end',
    begin(attacker) {
      const headers = `X-Filler: ${'x'.repeat(4_000)}\r\n`.repeat(8);
      attacker.keepAt(() => {
        for (let i = 0; i < 5; i += 1) attacker.connection().write(`GET /api/rooms HTTP/1.1\r\nHost: x\r\n${headers}`);
      });
    },
  },
  {
    how: 'by hundreds who send their requests a byte at a time',
    begin(attacker) {
      const head = 'POST /api/session/guest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
      const slow = Array.from({ length: 600 }, (_, i) => {
        const connection = attacker.connection();
        connection.write(i % 2 === 0 ? `${head}X-` : `${head}Content-Length: 60000\r\n\r\n`);
        return connection;
      });
      let stroke = 0;
      attacker.keepAt(() => {
        stroke += 1;
        slow.forEach(
          (connection, i) => i % strokesOfByte === stroke % strokesOfByte && attacker.write(connection, 'x'),
        );
      });
    },
  },
  {
    how: 'by sockets that ask for much and read nothing',
    async begin(attacker, target) {
      const { roomId, begin: position } = target;
      const sockets = await signedIn(attacker, target);
      const ask = commandFrame('room:join', { roomId, position });
      sockets.forEach((socket) => socket.pause());
      attacker.keepAt(() => sockets.forEach((socket) => attacker.write(socket, ask)));
    },
  },
];

const line = (roomId: string, text: string): Buffer =>
  commandFrame('chat:send', { roomId, text, requestKey: randomUUID() });
