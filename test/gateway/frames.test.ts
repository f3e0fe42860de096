import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io, type Socket as ClientSocket } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewaySocket } from '../../server/gateway/call.ts';
import { encodeMessage, outletOf, type Outlet } from '../../server/gateway/frames.ts';
import { eventually } from '../support/eventually.ts';

describe('frames written past the queue of engine.io', () => {
  let server: Server;
  let socket: GatewaySocket;
  let outlet: Outlet;
  let client: ClientSocket;
  const heard: number[] = [];

  beforeEach(async () => {
    heard.length = 0;
    const http = createServer();
    server = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const connected = once(server, 'connection');
    const { port } = http.address() as AddressInfo;
    client = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false });
    client.on('number', (number: number) => heard.push(number));
    [socket] = (await connected) as [GatewaySocket];
    outlet = outletOf(socket);
    await eventually(() => client.connected);
  });
  afterEach(async () => {
    client.disconnect();
    await server.close();
  });

  const write = (number: number): void => outlet.write(encodeMessage('number', `${number}`));
  const emit = (number: number): unknown =>
    (socket as unknown as { emit(...args: unknown[]): boolean }).emit('number', number);
  const numbersTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

  test('keep their place among events that Socket.IO sends, in one turn and over many', async () => {
    // Two of three by Socket.IO: the second of them waits in engine.io's queue, and the frame must wait behind it.
    for (const number of numbersTo(300)) {
      if (number % 3 === 2) write(number);
      else emit(number);
      if (number % 10 === 9) await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => heard.length === 300);
    expect(heard).toEqual(numbersTo(300));
  });

  test.each([1, 125, 126, 65_535, 65_536, 200_000])('arrive whole with a payload around %i bytes', async (bytes) => {
    const texts: string[] = [];
    client.on('text', (text: string) => texts.push(text));
    for (const length of [bytes - 1, bytes, bytes + 1])
      outlet.write(encodeMessage('text', JSON.stringify('é'.repeat(length))));
    await eventually(() => texts.length === 3);
    expect(texts.map((text) => text.length)).toEqual([bytes - 1, bytes, bytes + 1]);
  });

  test('count as backlog until the reader takes them, and none follows the farewell to a slow reader', async () => {
    const ended = new Promise((resolve) => client.once('disconnect', resolve));
    const farewells: unknown[] = [];
    client.on('session:ended', (farewell: unknown) => farewells.push(farewell));
    expect(outlet.backlogBytes()).toBe(0);
    for (const number of numbersTo(3)) {
      write(number);
      // Larger than any socket buffer of the kernel: what it does not take waits here.
      outlet.write(encodeMessage('filling', JSON.stringify('x'.repeat(8 * 1024 * 1024))));
    }
    expect(outlet.backlogBytes()).toBeGreaterThan(8 * 1024 * 1024);

    outlet.endSlowReader();
    write(3);
    await ended;
    expect(heard).toEqual([0, 1, 2]);
    expect(farewells).toEqual([{ code: 'SLOW_READER' }]);
  });
});
