import type { IncomingHttpHeaders, IncomingMessage, Server as HttpServer } from 'node:http';
import { Gauge } from 'prom-client';
import { Server } from 'socket.io';
import { AppError, describeError, type ErrorCode } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { limits } from '../../shared/limits.ts';
import { protocolVersion } from '../../shared/protocol/index.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Authenticate, GatewaySocket, SocketServer } from './call.ts';
import type { Exposure } from './exposure.ts';
import { personRoom } from './tell-person.ts';

export type SocketGateway = ReturnType<typeof createSocketGateway>;

type Needs = {
  exposure: Exposure;
  authenticate: Authenticate;
  allowsOrigin: (origin: string) => boolean;
  socketsMax: number;
  /** Sockets one network address may hold here, so that nobody can take all of them. */
  socketsPerAddressMax: number;
  trustedProxies: number;
  nowMs: () => number;
  log: Log;
  metrics: Metrics;
};

/** How often expired tokens are looked for. */
const sweepEveryMs = 1_000;

/** The Socket.IO side: WebSocket only, so that any gateway can serve any client without sticky sessions. */
export function createSocketGateway(needs: Needs) {
  const {
    exposure,
    authenticate,
    allowsOrigin,
    socketsMax,
    socketsPerAddressMax,
    trustedProxies,
    nowMs,
    log,
    metrics,
  } = needs;
  const byAddress = new Map<string, number>();
  let draining = false;

  const io: SocketServer = new Server({
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: limits.messageBytesMax,
    perMessageDeflate: false,
    httpCompression: false,
    pingInterval: 20_000,
    pingTimeout: 20_000,
    connectTimeout: 10_000,
    allowRequest: (request, decide) => {
      const refusal = refusalOf(request);
      decide(refusal, refusal === undefined);
    },
  });

  io.use((socket, next) => {
    admit(socket).then(
      () => next(),
      (error: unknown) => next(Object.assign(new Error('refused'), { data: describeError(error) })),
    );
  });
  io.on('connection', (socket: GatewaySocket) => {
    countAddress(socket);
    void socket.join(personRoom(socket.data.viewer.personId));
    // One listener for all commands: a listener per command and socket would cost kilobytes per idle connection.
    // Names are text by our types, but a client may send a number: the parser lets it through.
    socket.onAny((event: unknown, ...args: unknown[]) => dispatch(socket, String(event), args));
  });
  new Gauge({
    name: 'nightmarket_sockets',
    help: 'Open sockets of this gateway.',
    registers: [metrics],
    collect() {
      this.set(io.sockets.sockets.size);
    },
  });
  const sweep = setInterval(endExpired, sweepEveryMs);

  return {
    io,
    attach: (server: HttpServer): unknown => io.attach(server),
    /** Ends the open sockets of one session, or of one person, on this gateway. */
    end(matches: (viewer: { sessionId: string; personId: string }) => boolean): void {
      for (const socket of sockets()) if (matches(socket.data.viewer)) endWith(socket, 'SESSION_REVOKED');
    },
    /** Refuses new sockets and asks the open ones to go elsewhere, spread over `spreadMs` so that others are not swamped. */
    async drain(spreadMs: number): Promise<void> {
      draining = true;
      clearInterval(sweep);
      const open = [...sockets()];
      const pauseMs = 20;
      const batch = Math.max(1, Math.ceil(open.length / Math.max(1, spreadMs / pauseMs)));
      for (let from = 0; from < open.length; from += batch) {
        open.slice(from, from + batch).forEach((socket) => endWith(socket, 'DRAINING'));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      await io.close();
    },
  };

  function sockets(): IterableIterator<GatewaySocket> {
    return io.of('/').sockets.values() as IterableIterator<GatewaySocket>;
  }

  async function admit(socket: GatewaySocket): Promise<void> {
    const { token, protocol } = socket.handshake.auth as { token?: unknown; protocol?: unknown };
    if (protocol !== undefined && protocol !== protocolVersion) throw new AppError('UPGRADE_REQUIRED');
    if (typeof token !== 'string') throw new AppError('UNAUTHENTICATED');
    socket.data = {
      viewer: await authenticate(token),
      ip: addressOf(socket.handshake.headers, socket.handshake.address),
    };
  }

  /** Why the upgrade is refused before anything else is looked at; undefined when it is not. */
  function refusalOf(request: IncomingMessage): ErrorCode | undefined {
    const { origin } = request.headers;
    if (draining) return 'DRAINING';
    if (origin && !allowsOrigin(origin)) return 'ORIGIN_REFUSED';
    if (io.engine.clientsCount >= socketsMax) return 'UNAVAILABLE';
    const held = byAddress.get(addressOf(request.headers, request.socket.remoteAddress)) ?? 0;
    return held >= socketsPerAddressMax ? 'RATE_LIMITED' : undefined;
  }

  function countAddress(socket: GatewaySocket): void {
    const { ip } = socket.data;
    byAddress.set(ip, (byAddress.get(ip) ?? 0) + 1);
    socket.once('disconnect', () => {
      const left = byAddress.get(ip)! - 1;
      if (left > 0) byAddress.set(ip, left);
      else byAddress.delete(ip);
    });
  }

  /** The address of the client behind `trustedProxies` hops; the header counts from the right, as Express does it. */
  function addressOf(headers: IncomingHttpHeaders, peer: string | undefined): string {
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    const address = trustedProxies > 0 ? forwarded.at(-trustedProxies)?.trim() : undefined;
    return address || (peer ?? 'unknown');
  }

  function dispatch(socket: GatewaySocket, event: string, args: unknown[]): void {
    const ack = args.at(-1);
    if (typeof ack !== 'function') {
      return void socket.emit('command:refused', {
        command: event.slice(0, 60),
        error: describeError(new AppError('ACK_MISSING')),
      });
    }
    const { viewer, ip } = socket.data;
    const rawInput = args.length > 1 ? args[0] : undefined;
    void exposure
      .run(event, viewer, rawInput, { requestId: newId(), ip, socket })
      .then(ack as (reply: unknown) => void);
  }

  function endExpired(): void {
    const now = nowMs();
    for (const socket of sockets()) if (socket.data.viewer.accessExpiresAtMs <= now) endWith(socket, 'TOKEN_EXPIRED');
  }

  function endWith(socket: GatewaySocket, code: 'SESSION_REVOKED' | 'TOKEN_EXPIRED' | 'DRAINING'): void {
    log.debug({ personId: socket.data.viewer.personId, code }, 'socket ended');
    socket.emit('session:ended', { code });
    socket.disconnect(true);
  }
}
