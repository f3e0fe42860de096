import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { limitConnections } from '../../server/gateway/connections.ts';

async function serverWith(limits: { max: number; perNetworkMax: number; trustedProxies: number }) {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  limitConnections(server, limits);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { open: () => opened(port) };
}

/** A connection, and what comes of a request on it. */
async function opened(port: number): Promise<{ socket: Socket; answered: boolean }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const answered = await Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
  return { socket, answered };
}

test.each([
  ['of one network', { max: 100, perNetworkMax: 2, trustedProxies: 0 }],
  ['of all', { max: 2, perNetworkMax: 100, trustedProxies: 0 }],
])('a connection over the limit %s is cut off, and a place that is given back is free', async (_whose, limits) => {
  const { open } = await serverWith(limits);
  const [first, second] = [await open(), await open()];

  const third = await open();
  first.socket.destroy();
  await once(first.socket, 'close');

  expect([first, second, third].map(({ answered }) => answered)).toEqual([true, true, false]);
  await expect.poll(async () => (await open()).answered).toBe(true);
  second.socket.destroy();
});

test('behind a proxy every connection is the proxy’s', async () => {
  const { open } = await serverWith({ max: 100, perNetworkMax: 1, trustedProxies: 1 });

  const both = [await open(), await open()];

  expect(both.map(({ answered }) => answered)).toEqual([true, true]);
  both.forEach(({ socket }) => socket.destroy());
});
