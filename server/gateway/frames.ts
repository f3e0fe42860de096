import type { GatewaySocket } from './call.ts';

/** A message encoded once for any number of sockets: as Socket.IO's text, and as the WebSocket frame around it. */
export type EncodedMessage = { text: string; frame: Buffer };

/**
 * Encodes one event with one argument, given as JSON text.
 *
 * Socket.IO's own adapter does the same for a broadcast and hands the frame to engine.io as `wsPreEncodedFrame`; here header and
 * payload are one buffer, so that a delivery is one write. See docs/decisions/0020-one-buffer-per-frame.md.
 */
export function encodeMessage(event: string, json: string): EncodedMessage {
  const text = `2["${event}",${json}]`;
  const payloadBytes = Buffer.byteLength(text) + 1;
  const headerBytes = payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafeSlow(headerBytes + payloadBytes);
  writeHeader(frame, payloadBytes);
  frame.write(`4${text}`, headerBytes);
  return { text, frame };
}

/** RFC 6455, section 5.2: a final, unmasked text frame. */
function writeHeader(frame: Buffer, payloadBytes: number): void {
  frame[0] = 0x81;
  if (payloadBytes < 126) {
    frame[1] = payloadBytes;
  } else if (payloadBytes < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(payloadBytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(payloadBytes), 2);
  }
}

/** What is used of engine.io and ws beyond their types; engine.io's own WebSocket transport uses the same of ws. */
export type Connection = {
  readyState: string;
  /** Packets that engine.io holds back until the one before them has left. */
  writeBuffer: { data?: string; options?: { wsPreEncodedFrame?: [Buffer] } }[];
  transport: { socket?: WebSocket };
  write(text: string, options: object): void;
  close(): void;
};
type WebSocket = {
  readyState: number;
  bufferedAmount: number;
  close(code: number, reason: string): void;
  terminate(): void;
  /** Neither does anything on one that is closed. */
  pause(): void;
  resume(): void;
  _sender?: { sendFrame?(buffers: Buffer[]): void };
};
const webSocketOpen = 1;

/** What one socket may leave unread, bytes; more ends it. That bounds what a reader that takes nothing can cost this gateway. */
export const unreadBytesMax = 1024 * 1024;

/** WebSocket close code for a reader that takes too little: reconnect and resume from the last offset. */
const slowReaderCloseCode = 4008;

/** A reader that takes nothing would not take the farewell either: after this time the connection is cut. */
const farewellMs = 2_000;

/** The way of encoded messages to one socket. */
export type Outlet = {
  /** Writes a message, in order with everything else that is written to the socket. */
  write(message: EncodedMessage): void;
  /** Bytes written to the socket that its reader has not taken yet. */
  backlogBytes(): number;
  /** Ends a socket whose backlog is over the cap. Its memory is freed at the latest after `farewellMs`. Once is enough. */
  endSlowReader(): void;
};

const outlets = new WeakMap<GatewaySocket, Outlet>();

/** The outlet of a socket, the same for all who write to it. */
export function outletOf(socket: GatewaySocket): Outlet {
  const known = outlets.get(socket);
  if (known) return known;
  const outlet = createOutlet(socket);
  outlets.set(socket, outlet);
  return outlet;
}

/** For what goes out by Socket.IO, answers and notices: ends a reader that leaves too much of it unread. Returns whether it did. */
export function endIfSlow(socket: GatewaySocket): boolean {
  const conn = socket.conn as unknown as Connection;
  if (backlogOf(conn, conn.transport.socket) <= unreadBytesMax) return false;
  outletOf(socket).endSlowReader();
  return true;
}

/** For a connection that has no socket: cuts it when it leaves too much unread. Even pongs pile up if asked for often enough. */
export function cutIfSlow(conn: Connection): void {
  const ws = conn.transport.socket;
  if (backlogOf(conn, ws) > unreadBytesMax) ws?.terminate();
}

/** Ends a connection once what was written has left, at the latest after `farewellMs`: engine.io and ws would wait for half a minute. */
export function endConnection(conn: Connection): void {
  conn.close();
  setTimeout(() => conn.transport.socket?.terminate(), farewellMs).unref();
}

/**
 * Straight to ws when engine.io holds nothing back for this socket: what it has let go is in the TCP stream already, so nothing
 * is overtaken. That spares a packet, two callbacks and six events per write, which nobody listens to and which cost as
 * much as the write itself. Otherwise behind what waits in engine.io's queue.
 *
 * The parts of the connection are looked up once, not per write: in a large room each look-up is a walk through cold memory.
 */
function createOutlet(socket: GatewaySocket): Outlet {
  const conn = socket.conn as unknown as Connection;
  const ws = conn.transport.socket; // Stays the same: there is no transport to upgrade from.
  const sender = ws?._sender;
  let ended = false;

  return {
    write({ text, frame }) {
      if (
        conn.writeBuffer.length === 0 &&
        conn.readyState === 'open' &&
        ws?.readyState === webSocketOpen &&
        sender?.sendFrame
      )
        sender.sendFrame([frame]);
      else conn.write(text, { wsPreEncodedFrame: [frame], compress: false });
    },
    backlogBytes: () => backlogOf(conn, ws),
    endSlowReader() {
      if (ended) return;
      ended = true;
      socket.emit('session:ended', { code: 'SLOW_READER' });
      ws?.close(slowReaderCloseCode, 'SLOW_READER');
      setTimeout(() => ws?.terminate(), farewellMs).unref();
    },
  };
}

function backlogOf(conn: Connection, ws: WebSocket | undefined): number {
  const written = ws?.bufferedAmount ?? 0;
  return conn.writeBuffer.length === 0 ? written : written + heldBytes(conn);
}

function heldBytes({ writeBuffer }: Connection): number {
  let bytes = 0;
  for (const { data, options } of writeBuffer) bytes += options?.wsPreEncodedFrame?.[0].length ?? data?.length ?? 0;
  return bytes;
}
