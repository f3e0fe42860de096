import { createServer } from 'node:http';
// Not a dependency of ours: the very ws that Socket.IO runs on, so that the floor lies under both.
import { WebSocketServer, type WebSocket } from 'ws';
import { sayReady } from './say-ready.ts';

/** Delivers the text of one event to all members. */
export type Deliver = (members: ReadonlySet<WebSocket>, text: string) => void;

type Command = [name: 'join' | 'send', input: { text: string }];

/**
 * What no chat server can go below: a room is a set of sockets, and a message goes to all of them by `deliver`. It speaks just
 * enough of Socket.IO's packets for the clients of the load tests, and knows no rooms, people or heartbeats.
 */
export function serveFloor(deliver: Deliver): void {
  const server = createServer();
  const members = new Set<WebSocket>();

  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (client: WebSocket) => {
    client.send('0{"sid":"floor","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":65536}');
    client.on('message', (bytes: Buffer) => answer(client, bytes.toString()));
    client.on('close', () => members.delete(client));
  });
  sayReady(server);

  function answer(client: WebSocket, packet: string): void {
    if (packet.startsWith('40')) return client.send('40{"sid":"floor"}');
    const [, ackId = '', json = ''] = /^42(\d+)(.*)$/s.exec(packet) ?? [];
    if (!json) return;
    const [name, { text }] = JSON.parse(json) as Command;
    if (name === 'join') members.add(client);
    else deliver(members, chatEvent(text));
    client.send(`43${ackId}[{"ok":true}]`);
  }
}

/** The same bytes that the Socket.IO peer sends. */
const chatEvent = (text: string): string =>
  `42${JSON.stringify(['chat', { sender: { personId: 'a'.repeat(20), name: 'Guest 1234' }, text, atMs: Date.now() }])}`;
