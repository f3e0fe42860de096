import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { protocolVersion } from '../../shared/protocol/index.ts';
import { clientFrame, opcodes } from './websocket-frames.ts';

/** What one connection of the attacker keeps waiting on its own side, bytes: a flood is no leak of who makes it. */
const waitingBytesMax = 1024 * 1024;
/** Time between two strokes of an attack, ms. */
const strokeMs = 10;

/** Somebody who keeps to no rule of ours: TCP by hand. Call it off where it was begun. */
export type Attacker = {
  /** A plain connection. */
  connection(): Socket;
  /** A WebSocket that engine.io has accepted; signed in when there is a token. */
  socket(accessToken?: string): Promise<Socket>;
  /** Writes unless the last strokes still wait. Whoever was cut off is silent. */
  write(to: Socket, bytes: Buffer | string): void;
  /** Runs again and again until the attack is called off. */
  keepAt(stroke: () => void): void;
  /** Connections it ever had. */
  readonly connections: number;
  /** Closes everything; resolves when it is closed. */
  callOff(): Promise<void>;
};

export function createAttacker(url: string): Attacker {
  const { hostname, port, host } = new URL(url);
  const open = new Set<Socket>();
  const timers: NodeJS.Timeout[] = [];
  let connections = 0;

  return {
    connection,
    async socket(accessToken) {
      const socket = connection();
      socket.write(upgradeRequest(host));
      await heard(socket, '0{');
      if (accessToken === undefined) return socket;
      socket.write(textFrame(`40${JSON.stringify({ token: accessToken, protocol: protocolVersion })}`));
      await heard(socket, '40{');
      return socket;
    },
    write(to, bytes) {
      if (!to.destroyed && to.writable && to.writableLength < waitingBytesMax) to.write(bytes);
    },
    keepAt: (stroke) => void timers.push(setInterval(stroke, strokeMs)),
    get connections() {
      return connections;
    },
    async callOff() {
      timers.forEach(clearInterval);
      const closed = [...open].map((socket) => once(socket, 'close'));
      for (const socket of open) socket.destroy();
      await Promise.all(closed);
    },
  };

  function connection(): Socket {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    connections += 1;
    open.add(socket);
    socket.on('error', () => undefined); // Cut off, as it should be.
    socket.once('close', () => open.delete(socket));
    socket.resume();
    return socket;
  }
}

/** A WebSocket frame with a packet of Socket.IO or engine.io in it. */
export const textFrame = (packet: string): Buffer => clientFrame(opcodes.text, packet);

/** A command as a frame. Whoever floods does not look at the answers. */
export const commandFrame = (name: string, input: object): Buffer => textFrame(`421${JSON.stringify([name, input])}`);

/** Waits for a text in what comes next; @throws Error when the connection ends before. */
function heard(socket: Socket, text: string): Promise<void> {
  let all = '';
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(`cut off before ${text}: ${all}`));
    const hear = (bytes: Buffer): void => {
      all += bytes.toString('latin1');
      if (!all.includes(text)) return;
      socket.off('data', hear).off('close', ended);
      socket.resume();
      resolve();
    };
    socket.on('data', hear).once('close', ended);
  });
}

const upgradeRequest = (host: string): string =>
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n');
