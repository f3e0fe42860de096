import { io, type Socket } from 'socket.io-client';
import type { ErrorBody } from '../errors.ts';
import { protocolVersion } from '../protocol/version.ts';
import { backoffMs } from './backoff.ts';
import type { ServerClock } from './server-clock.ts';
import type { Time } from './time.ts';

/** A session as the connection needs it. `accessExpiresAtMs`: Unix ms. */
export type Credentials = { accessToken: string; accessExpiresAtMs?: number };

export type ConnectionOptions = {
  url: string;
  /** Gives credentials; `fresh` asks for new ones, because those given last are refused or about to expire. */
  credentials: (fresh: boolean) => Promise<Credentials>;
  time: Time;
  /** Learns the time with each connection. Tokens end by it: a clock at home that is ahead would renew them without end. */
  clock: ServerClock;
  onConnect: () => void;
  /** The connection is lost, or one more try to make it has failed. */
  onOffline: () => void;
  /** The server will not have us back: sign in again, or reload. */
  onEnded: (code: string) => void;
};

/** How long before its end a token is renewed, ms. */
const renewBeforeMs = 30_000;
/** Waits before coming back. The first wait is spread too: a gateway that died sends everybody away at once. */
const comeBack = { firstMs: 400, maxMs: 15_000 };
/** A server that is there says something within this time of being asked, ms; what is asked of half a connection stays unanswered. */
export const answerMsMax = 3_000;
/** Refusals that new credentials mend. */
const mendable = new Set(['TOKEN_EXPIRED']);
/** Refusals that nothing mends but the person. */
const final = new Set(['UNAUTHENTICATED', 'SESSION_REVOKED', 'UPGRADE_REQUIRED']);

/** One socket that comes back by itself: after a loss, a drained server, an expired token or a full buffer. */
export function createConnection(options: ConnectionOptions) {
  const { url, credentials, time, clock, onConnect, onOffline, onEnded } = options;
  let needsFresh = false;
  let failures = 0;
  let closed = false;
  let presented: string | undefined;
  let askedAtMs = 0;
  let cancelReturn: (() => void) | undefined;
  let cancelCheck: (() => void) | undefined;
  let cancelRenewal: (() => void) | undefined;

  const socket: Socket = io(url, {
    transports: ['websocket'],
    reconnection: false, // Socket.IO's own does not come back after a refusal or a farewell; ours does.
    forceNew: true,
    autoConnect: false,
    auth: (give) => void authenticate(give),
  });
  socket.on('connect', () => {
    failures = 0;
    onConnect();
  });
  socket.on('session:started', ({ serverNowMs }: { serverNowMs: number }) => clock.sample(serverNowMs, askedAtMs));
  socket.on('disconnect', () => {
    cancelRenewal?.();
    cancelCheck?.();
    onOffline();
    returnLater();
  });
  socket.on('connect_error', (error: Error & { data?: ErrorBody }) => {
    const code = error.data?.code ?? '';
    if (final.has(code)) return void endUnlessAnew(code);
    needsFresh ||= mendable.has(code);
    onOffline();
    returnLater();
  });
  socket.on('session:ended', ({ code }: { code: string }) => {
    if (final.has(code)) void endUnlessAnew(code);
    needsFresh ||= mendable.has(code);
  });

  return {
    socket,
    open: (): unknown => socket.connect(),
    check,
    /** Comes back now, if it waits to. Otherwise it looks whether the network of before took the connection along. */
    returnNow(): void {
      if (!cancelReturn) return check();
      cancelReturn();
      cancelReturn = undefined;
      failures = 0; // Those were of the network that is over.
      socket.connect();
    },
    close(): void {
      closed = true;
      cancelReturn?.();
      cancelRenewal?.();
      socket.disconnect();
    },
  };

  /**
   * Comes back over another connection if the other end is not heard any more. A network that is left takes what is open over it along
   * without a word: the socket would believe in it until the server's ping is missed, up to 40 s later. Whatever arrives counts,
   * because of a server in a rush an answer may be late.
   */
  function check(): void {
    if (!socket.connected || cancelCheck) return;
    const { engine } = socket.io;
    const forget = time.after(answerMsMax, () => engine.close());
    const heard = (): void => {
      forget();
      engine.off('packet', heard);
      cancelCheck = undefined;
    };
    cancelCheck = heard;
    engine.on('packet', heard);
    socket.timeout(answerMsMax).emit('session:who', {}, () => undefined);
  }

  async function authenticate(give: (auth: object) => void): Promise<void> {
    try {
      const { accessToken, accessExpiresAtMs } = await credentials(needsFresh);
      needsFresh = false;
      renewBefore(accessExpiresAtMs);
      presented = accessToken;
      askedAtMs = time.nowMs();
      give({ token: accessToken, protocol: protocolVersion });
    } catch {
      // No credentials this moment (offline, say): the server's answer to none would end the session for good.
      socket.disconnect();
      onOffline();
      returnLater();
    }
  }

  function renewBefore(expiresAtMs: number | undefined): void {
    cancelRenewal?.();
    if (expiresAtMs === undefined) return;
    cancelRenewal = time.after(Math.max(1_000, expiresAtMs - clock.nowMs() - renewBeforeMs), () => void renew());
  }

  async function renew(): Promise<void> {
    const next = await credentials(true).catch(() => null);
    if (!next || !socket.connected) return; // The token runs out, the server says so, and we come back with a new one.
    socket.emit('session:renew', { accessToken: next.accessToken }, () => renewBefore(next.accessExpiresAtMs));
  }

  function returnLater(): void {
    if (closed || cancelReturn) return;
    failures += 1;
    cancelReturn = time.after(backoffMs(failures, comeBack, time.random), () => {
      cancelReturn = undefined;
      socket.connect();
    });
  }

  /** The session that ended need not be the one of now: a guest who registers, maybe in another tab, has a new one. */
  async function endUnlessAnew(code: string): Promise<void> {
    const now = code === 'SESSION_REVOKED' ? await credentials(false).catch(() => null) : null;
    if (now && now.accessToken !== presented) return returnLater();
    if (!closed) end(code);
  }

  function end(code: string): void {
    closed = true;
    cancelReturn?.();
    socket.disconnect();
    onEnded(code);
  }
}

export type Connection = ReturnType<typeof createConnection>;
