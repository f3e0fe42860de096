import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { requestMsMax } from '../gateway/body-in-time.ts';
import { limitConnections } from '../gateway/connections.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { serveHealth, type Check } from '../gateway/health.ts';
import { answerRaw, answerUnreadable } from '../gateway/raw-answers.ts';
import { serveDocuments } from '../gateway/serve-documents.ts';
import type { Platform } from '../platform/platform.ts';
import type { Config } from './config.ts';
import { servePages } from './pages.ts';
import { closePort, listen } from './port.ts';

type Needs = { config: Config; gateway: Gateway; platform: Platform; checks: readonly Check[] };
type Health = {
  config: Config;
  platform: Pick<Platform, 'log' | 'lifecycle' | 'metrics'>;
  checks: readonly Check[];
  app: Express;
};
type Opened = Omit<Health, 'checks'> & {
  /** Where sockets are taken. */
  sockets: Gateway['sockets'] | null;
};

/** Connections for requests, on top of those that sockets may hold. */
const requestConnectionsMax = 5_000;
const requestConnectionsPerAddressMax = 1_000;
/** Shares of the stop deadline: for commands that run, the same again for telling open sockets, and for requests from the begin on. */
const socketsShare = 0.15;
const requestsShare = 0.4;

/**
 * Opens the port of this process. A gateway serves everything; a process of another role only its health and figures.
 * Returns the address people on this machine can use.
 */
export async function serve({ config, gateway, platform, checks }: Needs): Promise<string> {
  const { app } = gateway.http;
  const isGateway = platform.roles.has('gateway');
  tellHealth({ config, platform, checks, app });
  if (isGateway) {
    refuseUnregistered(gateway.missing());
    gateway.http.bind();
    serveDocuments(app);
    if (config.NIGHTMARKET_PAGES) servePages(app);
  }
  gateway.http.bindErrors();
  return openPort({ config, platform, app, sockets: isGateway ? gateway.sockets : null });
}

export function tellHealth({ config, platform: { lifecycle, metrics, log }, checks, app }: Health): void {
  serveHealth({
    app,
    checks,
    metrics,
    metricsToken: config.NIGHTMARKET_METRICS_TOKEN,
    metricsOpen: config.NODE_ENV !== 'production',
    closing: () => lifecycle.closing,
    log,
  });
}

/** Returns the address people on this machine can use. */
export async function openPort({ config, platform, app, sockets }: Opened): Promise<string> {
  const server = createServer(
    {
      headersTimeout: 10_000,
      requestTimeout: requestMsMax,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 30_000,
      requireHostHeader: false,
      // What asks for HTTP/2 or a socket elsewhere is an ordinary request. (Before Node 24.9 it is cut off instead.)
      shouldUpgradeCallback: ({ url = '' }) => sockets !== null && url.startsWith('/socket.io/'),
    },
    app,
  );
  server.on('clientError', answerUnreadable);
  server.on('connect', (_request, connection) => answerRaw(connection, 'BAD_INPUT')); // This is no proxy.
  server.on('checkExpectation', ({ socket }: IncomingMessage) => answerRaw(socket, 'BAD_INPUT'));
  const limits = {
    max: config.NIGHTMARKET_SOCKETS_MAX + requestConnectionsMax,
    perNetworkMax: config.NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX + requestConnectionsPerAddressMax,
    trustedProxies: config.NIGHTMARKET_TRUSTED_PROXIES,
  };
  limitConnections(server, limits, platform);
  sockets?.attach(server);
  await listen(server, config.PORT, config.NIGHTMARKET_HOST);
  server.on('error', (error) => platform.log.error({ err: error }, 'port failed'));
  platform.lifecycle.onClose('http', async () => {
    const stopMs = config.NIGHTMARKET_STOP_SECONDS * 1_000;
    const late = new Promise((resolve) => setTimeout(resolve, stopMs * requestsShare));
    await sockets?.drain(stopMs * socketsShare);
    await Promise.race([closePort(server), late]);
    // Whoever still sends their request is cut off; waiting for them would let one of them hold up the stop.
    server.closeAllConnections();
    await sockets?.close();
  });
  return `http://${reachable(server.address() as AddressInfo)}`;
}

/** A command that no feature serves is a mistake of ours, not of the caller: don't start with it. */
function refuseUnregistered(names: readonly string[]): void {
  if (names.length > 0) throw new Error(`no feature serves these commands: ${names.join(', ')}`);
}

function reachable({ address, port, family }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::';
  const host = everywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `${host}:${port}`;
}
