import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from './network.ts';

export type ConnectionLimits = {
  /** Open connections of this process, sockets among them. */
  max: number;
  /** Of one network. Not looked at behind proxies: there every connection comes from them. */
  perNetworkMax: number;
  trustedProxies: number;
};

/** Keeps connections from taking all of the process. Whoever is over a limit is cut off before a byte is read. */
export function limitConnections(server: Server, { max, perNetworkMax, trustedProxies }: ConnectionLimits): void {
  server.maxConnections = max;
  if (trustedProxies > 0) return;
  const open = new Map<string, number>();
  server.on('connection', (connection: Socket) => {
    const network = networkOf(connection.remoteAddress ?? 'unknown');
    const held = open.get(network) ?? 0;
    if (held >= perNetworkMax) return void connection.destroy();
    open.set(network, held + 1);
    connection.once('close', () => {
      const left = open.get(network)! - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}
