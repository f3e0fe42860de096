import type { Server } from 'node:http';
import type { DropArgument, Socket } from 'node:net';
import { Counter } from 'prom-client';
import { createDamper, type Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { networkOf } from './network.ts';
import { createTally } from './tally.ts';

export type ConnectionLimits = {
  /** Open connections of this process, sockets among them. */
  max: number;
  /** Of one network. Not looked at behind proxies: there every connection comes from them. */
  perNetworkMax: number;
  trustedProxies: number;
};

/** Time between two lines about refused connections, ms. */
const tellEveryMs = 10_000;

/** Keeps connections from taking all of the process. Whoever is over a limit is cut off before a byte is read, and counted. */
export function limitConnections(
  server: Server,
  { max, perNetworkMax, trustedProxies }: ConnectionLimits,
  { log, metrics }: { log: Log; metrics: Metrics },
): void {
  const refused = countRefusals(log, metrics);
  server.maxConnections = max;
  server.on('drop', (dropped?: DropArgument) => refused('process', dropped?.remoteAddress));
  if (trustedProxies > 0) return;
  const open = createTally();
  server.on('connection', (connection: Socket) => {
    const network = networkOf(connection.remoteAddress ?? 'unknown');
    if (open.of(network) >= perNetworkMax) {
      refused('network', network);
      return void connection.destroy();
    }
    connection.once('close', open.take(network));
  });
}

function countRefusals(log: Log, metrics: Metrics) {
  const total = new Counter({
    name: 'nightmarket_connections_refused_total',
    help: 'Connections cut off unread, by the limit that they were over: of this process, or of one network.',
    labelNames: ['limit'],
    registers: [metrics],
  });
  const damped = createDamper(tellEveryMs);
  return (limit: 'process' | 'network', from: string | undefined): void => {
    total.inc({ limit });
    damped((connections) => log.warn({ limit, from, connections }, 'connections refused'));
  };
}
