import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createLinks } from '../../../media/edges/links.ts';
import { createInternalApi } from '../../../media/internal-api.ts';
import type { Load } from '../../../media/load.ts';
import type { Sfu } from '../../../media/sfu.ts';

export const token = 'x'.repeat(32);
export const listenInfo = () => ({ protocol: 'udp' as const, ip: '127.0.0.1' });
/** As where an edge is reached at an address that is not its machine's own. */
const behindNat = () => ({ protocol: 'udp' as const, ip: '0.0.0.0', announcedAddress: '127.0.0.1' });
export const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Of a server that has room for everybody. */
export const idle = { now: () => 0, perViewer: () => 0.001, hasRoom: () => true };

type Options = { nowMs?: () => number; load?: Load; isOwn?: (linkId: string) => boolean };

/** The internal API of a media server, as other media servers reach it. */
export async function serveEdge(
  sfu: Sfu,
  { nowMs = () => performance.now(), load = idle, isOwn = () => false }: Options = {},
) {
  const links = createLinks({ sfu, load, isOwn, listenInfo: behindNat, nowMs, log: silent });
  const app = express()
    .get('/routers', async (_request, response) => void response.json(await routersOf(sfu)))
    .use('/internal/media', createInternalApi({ sfu, links, token, log: silent, onAsked: () => undefined }));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: urlOf(server),
    close() {
      links.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** All that a media server has for its rooms hangs on their routers: transports, producers, consumers. */
export async function routersOf(sfu: Sfu): Promise<number> {
  const dumps = await Promise.all(
    sfu
      .running()!
      .workers.running()
      .map(({ worker }) => worker.dump()),
  );
  return dumps.reduce((sum, { routerIds }) => sum + routerIds.length, 0);
}

export const urlOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
