import { randomUUID } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Gauge } from 'prom-client';
import { Server } from 'socket.io';
import { AppError, describeError, type ErrorCode } from '../../shared/errors.ts';
import { limits } from '../../shared/limits.ts';
import { protocolVersion } from '../../shared/protocol/index.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Authenticate, GatewaySocket, SocketServer } from './call.ts';
import type { Exposure } from './exposure.ts';
import { createFairTurns } from './fair-turns.ts';
import { createFloodLimit, type FloodLimit } from './flood-limit.ts';
import { cutIfSlow, endConnection, endIfSlow, type Connection } from './frames.ts';
import type { AllowsOrigin } from './http-security.ts';
import { addressReached, networkOfRequest } from './network.ts';
import { allowOneHandshake } from './one-handshake.ts';
import { answerRaw } from './raw-answers.ts';
import { slowDown } from './slow-down.ts';
import { createTally } from './tally.ts';
import { personRoom } from './tell-person.ts';

/** A connection of engine.io, below Socket.IO: it exists from the upgrade on. */
type RawSocket = EventEmitter & Connection & { request: IncomingMessage };

type Needs = {
  exposure: Exposure;
  floodLimit: FloodLimit;
  /** Whether this process stops: from then on it takes no sockets and runs no commands. */
  closing: () => boolean;
  authenticate: Authenticate;
  allowsOrigin: AllowsOrigin;
  socketsMax: number;
  /** Sockets one network address may hold here, so that nobody can take all of them. */
  socketsPerAddressMax: number;
  trustedProxies: number;
  nowMs: () => number;
  log: Log;
  metrics: Metrics;
};

/**
 * Refusals for asking too much that one person is given, on all their sockets. A client that hears the first of them waits, so
 * whoever uses up these is let go: each answer costs more than the asking.
 */
const floodRefusals = { perSecond: 10, burst: 500 };

/**
 * Connections that one network may make: as many as it may hold come at once, as after an outage, and then so many in a second: letting
 * one in costs far more than refusing it.
 */
const coming = { perSecond: 200, burstMin: 100 };

/** How often sockets are looked for that must end: their token has expired, or they read nothing. */
const sweepEveryMs = 1_000;

/** The Socket.IO side: WebSocket only, so that any gateway can serve any client without sticky sessions. */
export function createSocketGateway(needs: Needs) {
  const {
    exposure,
    floodLimit,
    closing,
    authenticate,
    allowsOrigin,
    socketsMax,
    socketsPerAddressMax,
    trustedProxies,
    nowMs,
    log,
    metrics,
  } = needs;
  const refusals = createFloodLimit({ ...floodRefusals, nowMs });
  const burst = Math.max(coming.burstMin, socketsPerAddressMax);
  const comers = createFloodLimit({ perSecond: coming.perSecond, burst, nowMs });
  const byNetwork = createTally();
  const takeInTurn = createFairTurns<GatewaySocket, { event: string; args: unknown[] }>({
    run: (socket, { event, args }) => dispatch(socket, event, args),
    onFull: (socket) => endWith(socket, 'FLOODING'),
  });
  /** Connections on which nobody has signed in yet. */
  const unsigned = new Set<RawSocket>();
  let running = 0;
  let taken = 0;

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
      // engine.io would answer each refusal with 400 and a text.
      if (refusal) answerRaw(request.socket, refusal);
      else decide(undefined, true);
    },
  });

  io.use((socket, next) => {
    const refuse = (error: unknown): void => {
      next(Object.assign(new Error('refused'), { data: describeError(error) }));
      process.nextTick(endConnection, connectionOf(socket)); // Socket.IO answers in the tick before.
    };
    admit(socket).then(() => next(), refuse);
  });
  io.on('connection', (socket: GatewaySocket) => {
    const connection = connectionOf(socket);
    unsigned.delete(connection);
    // Else it would stay open and be nobody's, beyond what ends sockets: limits, revocation, the end of a token.
    socket.once('disconnect', () => endConnection(connection));
    forgetHandshake(socket);
    void socket.join(personRoom(socket.data.viewer.personId));
    socket.emit('session:started', { serverNowMs: nowMs() });
    // One listener for all commands: a listener per command and socket would cost kilobytes per idle connection.
    // Names are text by our types, but a client may send a number: the parser lets it through.
    // A raw packet need not name any command; Socket.IO then puts its own callback there.
    socket.onAny((event: unknown, ...args: unknown[]) =>
      takeInTurn(socket, { event: typeof event === 'string' ? event : '', args }),
    );
  });
  new Gauge({
    name: 'nightmarket_sockets',
    help: 'Open sockets of this gateway.',
    registers: [metrics],
    collect() {
      this.set(io.sockets.sockets.size);
    },
  });
  const sweep = setInterval(endOverdue, sweepEveryMs);

  return {
    io,
    attach(server: HttpServer): void {
      io.attach(server);
      io.engine.use(onlyUpgrades);
      io.engine.use(keepResponse);
      // Counted from the upgrade on: a socket that never signs in takes a place too.
      io.engine.on('connection', (raw: RawSocket) => {
        raw.once('close', byNetwork.take(networkOfRequest(raw.request, trustedProxies)));
        slowDown(raw);
        allowOneHandshake(raw);
        unsigned.add(raw);
        raw.once('close', () => unsigned.delete(raw));
      });
    },
    /** Ends the open sockets of one session, or of one person, on this gateway. */
    end(matches: (viewer: { sessionId: string; personId: string }) => boolean): void {
      for (const socket of sockets()) if (matches(socket.data.viewer)) endWith(socket, 'SESSION_REVOKED');
    },
    /** Asks the open sockets to go elsewhere, spread over `spreadMs` so that others are not swamped. */
    async drain(spreadMs: number): Promise<void> {
      clearInterval(sweep);
      await settled(spreadMs);
      const open = [...sockets()];
      const pauseMs = 20;
      const batch = Math.max(1, Math.ceil(open.length / Math.max(1, spreadMs / pauseMs)));
      for (let from = 0; from < open.length; from += batch) {
        open.slice(from, from + batch).forEach((socket) => endWith(socket, 'DRAINING'));
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
      io.disconnectSockets(true);
    },
    /** Call when the port is closed. */
    close: (): Promise<void> => io.close(),
  };

  /** Waits until commands that are running have been answered, at most `ms`. */
  async function settled(ms: number): Promise<void> {
    const giveUpAtMs = performance.now() + ms;
    while (running > 0 && performance.now() < giveUpAtMs) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  function sockets(): IterableIterator<GatewaySocket> {
    return io.of('/').sockets.values() as IterableIterator<GatewaySocket>;
  }

  async function admit(socket: GatewaySocket): Promise<void> {
    const { token, protocol } = socket.handshake.auth as { token?: unknown; protocol?: unknown };
    if (protocol !== undefined && protocol !== protocolVersion) throw otherProtocol(protocol);
    if (typeof token !== 'string') throw new AppError('UNAUTHENTICATED');
    const viewer = await authenticate(token);
    floodLimit.take(viewer.personId);
    socket.data = {
      viewer,
      network: networkOfRequest(socket.request, trustedProxies),
      reachedAt: addressReached(socket.handshake.headers, trustedProxies),
    };
  }

  /** Why the upgrade is refused before anything else is looked at; undefined when it is not. */
  function refusalOf(request: IncomingMessage): ErrorCode | undefined {
    const { origin, host } = request.headers;
    if (closing()) return 'DRAINING';
    if (origin && !allowsOrigin(origin, host)) return 'ORIGIN_REFUSED';
    if (io.engine.clientsCount >= socketsMax) return 'UNAVAILABLE';
    const network = networkOfRequest(request, trustedProxies);
    if (byNetwork.of(network) >= socketsPerAddressMax || !comers.tryTake(network)) return 'RATE_LIMITED';
    return undefined;
  }

  /** Answers add to what the caller leaves unread. So who reads nothing is let go before it asks for more, and before it is told more. */
  function dispatch(socket: GatewaySocket, event: string, args: unknown[]): void {
    if (endIfSlow(socket)) return;
    const { viewer, network, reachedAt } = socket.data;
    const ack = args.at(-1);
    if (typeof ack !== 'function') return refuseUnacknowledged(socket, event);
    if (closing())
      return (ack as (reply: unknown) => void)({ ok: false, error: describeError(new AppError('DRAINING')) });
    const rawInput = args.length > 1 ? args[0] : undefined;
    running++;
    void exposure
      .run(event, viewer, rawInput, { requestId: randomUUID(), network, reachedAt, socket, order: taken++ })
      .then((reply) => {
        if (endIfSlow(socket)) return;
        (ack as (reply: unknown) => void)(reply);
        if (!reply.ok && reply.error.code === 'RATE_LIMITED') endIfFlooding(socket);
      })
      .finally(() => running--);
  }

  /** The answer costs a token like any command; whoever has none left gets no answer. */
  function refuseUnacknowledged(socket: GatewaySocket, event: string): void {
    if (!floodLimit.tryTake(socket.data.viewer.personId)) return endIfFlooding(socket);
    const error = describeError(new AppError('ACK_MISSING'));
    socket.emit('command:refused', { command: event.slice(0, 60), error });
  }

  function endIfFlooding(socket: GatewaySocket): void {
    if (!refusals.tryTake(socket.data.viewer.personId)) endWith(socket, 'FLOODING');
  }

  function endOverdue(): void {
    const now = nowMs();
    for (const socket of sockets()) {
      if (socket.data.viewer.accessExpiresAtMs <= now) endWith(socket, 'TOKEN_EXPIRED');
      else endIfSlow(socket); // Notices go out unasked.
    }
    unsigned.forEach(cutIfSlow);
  }

  function endWith(socket: GatewaySocket, code: 'SESSION_REVOKED' | 'TOKEN_EXPIRED' | 'DRAINING' | 'FLOODING'): void {
    log.debug({ personId: socket.data.viewer.personId, code }, 'socket ended');
    socket.emit('session:ended', { code });
    socket.disconnect(true);
  }
}

const connectionOf = (socket: GatewaySocket): RawSocket => socket.conn as unknown as RawSocket;

function otherProtocol(protocol: unknown): AppError {
  if (typeof protocol !== 'number') return new AppError('BAD_INPUT', 'protocol: must be a number');
  const newer =
    'This client speaks a newer protocol than this server; update the server, or try again while it is being updated.';
  return new AppError('UPGRADE_REQUIRED', protocol > protocolVersion ? newer : undefined);
}

/** There is no transport but WebSocket, and no protocol but the fourth. engine.io and ws would say so in forms of their own. */
function onlyUpgrades(request: IncomingMessage, _response: unknown, next: () => void): void {
  if (isUpgrade(request)) next();
  else answerRaw(request.socket, 'BAD_INPUT');
}

function isUpgrade({ method, url, headers }: IncomingMessage): boolean {
  const { searchParams: asked } = new URL(url!, 'http://localhost');
  return (
    method === 'GET' &&
    asked.get('transport') === 'websocket' &&
    asked.get('EIO') === '4' &&
    !asked.has('sid') &&
    /^websocket$/i.test(headers.upgrade ?? '') &&
    /\bupgrade\b/i.test(headers.connection ?? '') &&
    /^(8|13)$/.test(headers['sec-websocket-version'] ?? '') &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')
  );
}

type Upgrade = IncomingMessage & { response?: { req: unknown } };

/** engine.io holds its stand-in for a response, and with it the request, until the socket closes. */
function keepResponse(request: Upgrade, response: NonNullable<Upgrade['response']>, next: () => void): void {
  request.response = response;
  next();
}

/** Who was let in is known by now: the request and the token would only stay in memory, kilobytes for each idle socket. */
function forgetHandshake(socket: GatewaySocket): void {
  const { response } = socket.request as Upgrade;
  if (response) response.req = null;
  (socket.conn as { request: unknown }).request = null;
  Object.assign(socket.handshake, { headers: none, query: none, auth: none, url: '' });
}

const none = Object.freeze({});
