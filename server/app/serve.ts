import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway } from '../gateway/gateway.ts';
import { serveHealth, type Check } from '../gateway/health.ts';
import { serveDocuments } from '../gateway/serve-documents.ts';
import type { Platform } from '../platform/platform.ts';
import type { Config } from './config.ts';
import { servePages } from './pages.ts';

type Needs = { config: Config; gateway: Gateway; platform: Platform; checks: readonly Check[] };

/** Share of the stop deadline in which open sockets are asked to go elsewhere. */
const drainShare = 0.25;

/**
 * Opens the port of this process. A gateway serves everything; a process of another role only its health and figures.
 * Returns the address people on this machine can use.
 */
export async function serve({ config, gateway, platform, checks }: Needs): Promise<string> {
  const { app } = gateway.http;
  const isGateway = platform.roles.has('gateway');
  const { lifecycle, metrics } = platform;
  serveHealth({
    app,
    checks,
    metrics,
    metricsToken: config.NIGHTMARKET_METRICS_TOKEN,
    closing: () => lifecycle.closing,
  });
  if (isGateway) {
    refuseUnregistered(gateway.missing());
    gateway.http.bindCommands();
    serveDocuments(app);
    if (config.NIGHTMARKET_PAGES) servePages(app);
  }
  gateway.http.bindErrors();

  const server = createServer({ requestTimeout: 60_000, headersTimeout: 10_000, keepAliveTimeout: 30_000 }, app);
  if (isGateway) gateway.sockets.attach(server);
  await listen(server, config.PORT, config.NIGHTMARKET_HOST);
  lifecycle.onClose('http', async () => {
    server.closeIdleConnections();
    await gateway.sockets.drain(config.NIGHTMARKET_STOP_SECONDS * 1_000 * drainShare);
    server.closeAllConnections();
    server.close();
  });
  return `http://${reachable(server.address() as AddressInfo)}`;
}

/** A command that no feature serves is a mistake of ours, not of the caller: don't start with it. */
function refuseUnregistered(names: readonly string[]): void {
  if (names.length > 0) throw new Error(`no feature serves these commands: ${names.join(', ')}`);
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

function reachable({ address, port, family }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `${host}:${port}`;
}
