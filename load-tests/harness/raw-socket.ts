import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { FrameCutter, clientFrame, opcodes } from './websocket-frames.ts';

/** What a raw socket tells. Bytes belong to the next read: look at them at once. */
export type Hearing = {
  /** An event of the server: the JSON text `["name",...]` between `start` and `end`. */
  onEvent(bytes: Buffer, start: number, end: number): void;
  /** An answer to the command with this number: the JSON text `[reply]`. */
  onAck(ackId: number, bytes: Buffer, start: number, end: number): void;
  onClosed(why: string): void;
};

/** Packets of engine.io ('0' open, '2' ping, '3' pong, '4' message) and within a message of socket.io. */
const packet = { open: 0x30, ping: 0x32, message: 0x34 };
const message = { connect: 0x30, disconnect: 0x31, event: 0x32, ack: 0x33, refused: 0x34 };
const digitZero = 0x30;
const openBracket = 0x5b;
const pong = clientFrame(opcodes.text, '3');

/** One buffer for all sockets of a thread: a read is handled before the next one begins. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);

/**
 * A Socket.IO client by hand, over WebSocket at once, that looks at a packet only as far as counting needs. It costs a
 * fraction of socket.io-client, so that thousands of them cost less than the server that serves them.
 */
export class RawSocket {
  readonly #socket: Socket;
  readonly #hearing: Hearing;
  readonly #frames: FrameCutter;
  #upgraded = false;
  #settle: { resolve(): void; reject(error: Error): void } | null = null;
  readonly #authJson: string;
  /** Resolves when the server has let this client in. */
  readonly connected: Promise<void>;

  constructor(url: URL, authJson: string, hearing: Hearing) {
    this.#hearing = hearing;
    this.#authJson = authJson;
    this.#frames = new FrameCutter((...frame) => this.#onFrame(...frame));
    this.connected = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.#socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (byteCount) => {
          this.#onRead(readBuffer.subarray(0, byteCount));
          return true;
        },
      },
    });
    this.#socket.once('connect', () => this.#socket.write(upgradeRequest(url)));
    this.#socket.once('error', (error) => this.#end(error.message));
    this.#socket.once('close', () => this.#end('closed'));
  }

  /** Sends `["name",input]` and asks for an answer with this number. */
  request(ackId: number, eventJson: string): void {
    this.#socket.write(clientFrame(opcodes.text, `42${ackId}${eventJson}`));
  }

  /** Cuts the connection without a goodbye, as a lost network does. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Sends what was written, and closes the connection without waiting for an answer. */
  hangUp(): void {
    this.#socket.end();
    this.#socket.unref();
  }

  #onRead(bytes: Buffer): void {
    if (this.#upgraded) return this.#frames.push(bytes);
    const headEnd = bytes.indexOf('\r\n\r\n');
    const status = bytes.toString('latin1', 0, 12);
    if (headEnd < 0 || status !== 'HTTP/1.1 101') return this.#refuse(`upgrade refused: ${bytes.toString('latin1')}`);
    this.#upgraded = true;
    this.#frames.push(bytes, headEnd + 4);
  }

  #onFrame(opcode: number, bytes: Buffer, start: number, end: number): void {
    if (opcode === opcodes.close) return this.#end('closed by the server');
    if (opcode !== opcodes.text) return;
    const kind = bytes[start];
    if (kind === packet.message) this.#onMessage(bytes, start + 1, end);
    else if (kind === packet.ping) this.#socket.write(pong);
    else if (kind === packet.open) this.#socket.write(clientFrame(opcodes.text, `40${this.#authJson}`));
  }

  #onMessage(bytes: Buffer, start: number, end: number): void {
    const kind = bytes[start];
    if (kind === message.event) this.#hearing.onEvent(bytes, start + 1, end);
    else if (kind === message.ack) this.#onAck(bytes, start + 1, end);
    else if (kind === message.connect) this.#settle?.resolve();
    else if (kind === message.refused) this.#refuse(`refused: ${bytes.toString('utf8', start + 1, end)}`);
    else if (kind === message.disconnect) this.#end('disconnected by the server');
  }

  #onAck(bytes: Buffer, start: number, end: number): void {
    let ackId = 0;
    let at = start;
    for (; bytes[at] !== openBracket && at < end; at++) ackId = ackId * 10 + bytes[at]! - digitZero;
    this.#hearing.onAck(ackId, bytes, at, end);
  }

  #refuse(why: string): void {
    this.#settle?.reject(new Error(why.slice(0, 300)));
    this.#socket.destroy();
  }

  #end(why: string): void {
    this.#settle?.reject(new Error(why));
    this.#hearing.onClosed(why);
  }
}

const upgradeRequest = (url: URL): string =>
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${url.host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');
