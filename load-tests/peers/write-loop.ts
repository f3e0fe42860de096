import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { opcodes, serverFrame } from '../harness/websocket-frames.ts';
import { serveFloor } from './floor.ts';

// One write of a finished frame per member; with FLOOR_WINDOW_MS, all messages of a window in one write.

const windowMs = Number(process.env['FLOOR_WINDOW_MS'] ?? 0);
const waiting: Buffer[] = [];
let recipients: ReadonlySet<WebSocket> = new Set();

serveFloor((members, text) => {
  recipients = members;
  waiting.push(serverFrame(opcodes.text, text));
  if (windowMs === 0) flush();
  else if (waiting.length === 1) setTimeout(flush, windowMs);
});

function flush(): void {
  const bytes = Buffer.concat(waiting.splice(0));
  for (const member of recipients) socketOf(member).write(bytes);
}

/** The TCP socket under a WebSocket; ws keeps it to itself. */
const socketOf = (member: WebSocket): Socket => (member as unknown as { _socket: Socket })._socket;
