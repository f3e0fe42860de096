import type { EventEmitter } from 'node:events';
import { endConnection, type Connection } from './frames.ts';

/** First characters of the packets that belong to a socket. Socket.IO reads others, a space even, as the wish to connect, or fails. */
const ofSocket = /^[1-6]/;

/**
 * Lets a connection ask once for a socket, and ends it when it asks again or for another namespace.
 *
 * Socket.IO would answer each such wish, with the name that was asked for, however many come; and limits for callers
 * hold only once there is a socket. Call before anything can have arrived.
 */
export function allowOneHandshake(conn: EventEmitter & Connection): void {
  let asked = false;
  conn.prependListener('data', (packet: unknown) => {
    if (typeof packet !== 'string' || ofSocket.test(packet)) return;
    if (asked) endConnection(conn);
    // Socket.IO says first that there is no such namespace.
    else if (packet[1] === '/') process.nextTick(endConnection, conn);
    asked = true;
  });
}
