import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { limitConnections } from '../../server/gateway/connections.ts';
import { createLog } from '../../server/platform/log.ts';
import { createMetrics } from '../../server/platform/metrics.ts';
import { eventually } from '../support/eventually.ts';

async function serverWith(limits: { max: number; perNetworkMax: number; trustedProxies: number }) {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  const metrics = createMetrics({ processFigures: false });
  limitConnections(server, limits, { log: createLog('silent'), metrics });
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const refused = async () => {
    const { values } = await metrics.getSingleMetric('nightmarket_connections_refused_total')!.get();
    return Object.fromEntries(values.map(({ labels, value }) => [labels['limit'], value]));
  };
  return { open: () => opened(port), refused };
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
  ['network', { max: 100, perNetworkMax: 2, trustedProxies: 0 }],
  ['process', { max: 2, perNetworkMax: 100, trustedProxies: 0 }],
])(
  'a connection over the limit of a %s is cut off and counted, and a place given back is free',
  async (limit, limits) => {
    const { open, refused } = await serverWith(limits);
    const [first, second] = [await open(), await open()];

    const third = await open();
    expect(await refused()).toEqual({ [limit]: 1 });
    first.socket.destroy();
    await once(first.socket, 'close');

    expect([first, second, third].map(({ answered }) => answered)).toEqual([true, true, false]);
    await eventually(async () => (await open()).answered);
    second.socket.destroy();
  },
);

test('behind a proxy every connection is the proxy’s', async () => {
  const { open } = await serverWith({ max: 100, perNetworkMax: 1, trustedProxies: 1 });

  const both = [await open(), await open()];

  expect(both.map(({ answered }) => answered)).toEqual([true, true]);
  both.forEach(({ socket }) => socket.destroy());
});
