import { AppError, type ErrorCode } from '../errors.ts';
import type { SessionEnd } from '../protocol/media.ts';
import { backoffMs } from './backoff.ts';
import { closeSession, openTransport, type OpenSession, type TransportNeeds } from './media-transport.ts';
import { systemTime, type Time } from './time.ts';

/**
 * `preparing`: the media server is being set up. `full`: it has no place for one more now, and is asked again now and then. `connected`: what there is flows, or there is nothing yet. `reconnecting`: there was
 * media, and it is being brought back. `blocked`: the server answers, but nothing gets through to its media port time after time:
 * the network does not let it; it is tried on. `over`: it will not come back; `reason` says why, and `code` why it was refused:
 * CONFLICT when the show is over or as many people as possible publish already, FORBIDDEN and NOT_FOUND when it is not for this
 * person, CODECS_REFUSED when this device and the media server have no codec in common, UPGRADE_REQUIRED when only a reload helps.
 */
export type MediaState =
  | { state: 'connecting' | 'preparing' | 'full' | 'connected' | 'reconnecting' | 'blocked' }
  | { state: 'over'; reason: SessionEnd; code?: ErrorCode };

type Needs = TransportNeeds & {
  /**
   * Builds on a session what is not there yet, and tells whether anything is to flow over it now. Never called twice at a time for
   * one session. After a failure another session is tried.
   */
  build: (session: OpenSession) => Promise<boolean>;
  /** What was built is gone with its session. */
  onLost: () => void;
  onState: (state: MediaState) => void;
  time?: Time;
};

export type MediaSession = ReturnType<typeof keepMediaSession>;

/**
 * `building`: the build under way, or the last one. `next`: one that waits for it. `flows`: whether anything is to flow; null until it
 * was built. `hasEnded`: the server said so.
 */
type Kept = {
  session: OpenSession;
  building: Promise<void>;
  next: Promise<void> | null;
  flows: boolean | null;
  hasEnded: boolean;
};

/** As after so many failures in a row: some seconds. */
const failuresOfTheSlow = 5;
/** The network is said to let nothing through after so many sessions in a row over which nothing came. */
const fruitlessMax = 2;
/** So often the library is asked for: the network may fail once, a file that is gone stays gone. */
const libraryTriesMax = 4;
const reopenWaits = { firstMs: 150, maxMs: 5_000 };
/** Ends that somebody meant: coming back would undo them. */
const finalEnds: readonly SessionEnd[] = [
  'taken-over',
  'kicked',
  'not-allowed',
  'room-ended',
  'key-revoked',
  'too-much-sent',
];
/** Refusals that say nothing of the session. */
const passing: readonly ErrorCode[] = ['RETRY', 'UNAVAILABLE', 'RATE_LIMITED', 'DRAINING'];
const refusals: readonly ErrorCode[] = ['CONFLICT', 'FORBIDDEN', 'NOT_FOUND', 'CODECS_REFUSED'];

/**
 * Keeps one media session alive until it is closed: opens it, restarts ICE when the network changes, opens another one
 * when it ends. There is never more than one.
 */
export function keepMediaSession({ build, onLost, onState, time = systemTime, ...needs }: Needs) {
  const { client } = needs;
  let current: Kept | null = null;
  let closed = false;
  /** Raised whenever what was going on is out of date. */
  let attempt = 0;
  let wasConnected = false;
  /** Sessions in a row over which nothing came. */
  let fruitless = 0;
  /** What ended since the latest session was asked for: it may be that one, before it is made here. */
  const endedEarly = new Map<string, SessionEnd>();
  let cancelWait = (): void => undefined;

  const stopListening = [
    client.on('notice', ({ name, body }) => {
      if (name !== 'media:closed') return;
      const { sessionId, reason } = body as { sessionId: string; reason: SessionEnd };
      if (!current) endedEarly.set(sessionId, reason);
      if (sessionId === current?.session.sessionId) followEnd(current, reason);
    }),
    // The session went with its socket.
    client.on('state', (state) => {
      if (state === 'offline') lose();
      else if (!current) void open();
    }),
  ];
  if (client.isOnline()) void open();

  return {
    current: (): OpenSession | null => current?.session ?? null,
    /**
     * Builds once more on the open session, behind a build under way, and once for all who ask meanwhile. Never rejects; without a
     * session the next one is built anyway.
     */
    async rebuild(): Promise<void> {
      if (current) await (current.next ??= buildOn(current, 1));
    },
    close: stop,
  };

  async function open(failures = 0): Promise<void> {
    if (closed) return;
    lose();
    endedEarly.clear();
    const mine = attempt;
    if (failures === 0) onState({ state: waiting() });
    try {
      const session = await openTransport(needs);
      if (mine !== attempt) return discard(session);
      session.transport.on('connectionstatechange', (state) => void followConnection(session, state));
      current = { session, building: Promise.resolve(), next: null, flows: null, hasEnded: false };
      const early = endedEarly.get(session.sessionId);
      if (early) followEnd(current, early);
      else await buildOn(current, failures + 1);
    } catch (error) {
      if (mine === attempt) retry(error, failures + 1);
    }
  }

  function followEnd(kept: Kept, reason: SessionEnd): void {
    kept.hasEnded = true;
    if (finalEnds.includes(reason)) end(reason);
    // Who was too slow is not the sooner ready for being asked again at once.
    else if (reason === 'half-open') cameToNothing(failuresOfTheSlow);
    // At once, it would only crowd out another page of the same person.
    else if (reason === 'crowded-out') reopen(failuresOfTheSlow);
    else void open();
  }

  function buildOn(kept: Kept, failures: number): Promise<void> {
    kept.building = kept.building.then(async () => {
      kept.next = null;
      if (kept !== current) return;
      try {
        kept.flows = await build(kept.session);
        tell();
      } catch (error) {
        if (kept !== current) return;
        // What flows already flows on, while the server has too much to do.
        if (kept.flows !== null && passing.includes(codeOf(error))) buildLater(kept, failures);
        else retry(asGone(error), failures);
      }
    });
    return kept.building;
  }

  function buildLater(kept: Kept, failures: number): void {
    const waitMs = backoffMs(failures, reopenWaits, time.random);
    cancelWait = time.after(waitMs, () => {
      if (kept === current) kept.next ??= buildOn(kept, failures + 1);
    });
  }

  async function followConnection(session: OpenSession, state: string): Promise<void> {
    if (!isCurrent(session)) return;
    if (state === 'failed') return cameToNothing(0);
    tell();
    if (state !== 'disconnected') return;
    client.check(); // What is asked for now goes over a socket that may have lost its way with the same network.
    try {
      const { iceParameters, iceServers } = await client.request('media:restart-ice', idOf(session));
      // Firefox changes none on a connection that is open: it goes on with those it has.
      await session.transport.updateIceServers({ iceServers: iceServers as never }).catch(() => undefined);
      await session.transport.restartIce({ iceParameters });
    } catch {
      if (isCurrent(session)) reopen(0);
    }
  }

  function isCurrent(session: OpenSession): boolean {
    return session === current?.session;
  }

  /** What the transport says counts, not what was agreed on: a network may carry the words and no picture. */
  function tell(): void {
    if (!current) return;
    const { flows, session } = current;
    const isThrough = session.transport.connectionState === 'connected';
    if (isThrough) {
      wasConnected = true;
      fruitless = 0;
    }
    onState({ state: flows !== null && (isThrough || !flows) ? 'connected' : waiting() });
  }

  function waiting(): 'blocked' | 'reconnecting' | 'connecting' {
    if (fruitless >= fruitlessMax) return 'blocked';
    return wasConnected ? 'reconnecting' : 'connecting';
  }

  function cameToNothing(failures: number): void {
    fruitless += 1;
    reopen(failures);
  }

  function retry(error: unknown, failures: number): void {
    lose();
    const code = codeOf(error);
    if (refusals.includes(code)) return end('refused', code);
    if (code === 'UPGRADE_REQUIRED' && failures >= libraryTriesMax) return end('refused', code);
    if (error instanceof AppError && error.extras.reason === 'media-full') {
      onState({ state: 'full' });
      return reopen(failures, error.extras.retryAfterMs);
    }
    onState({ state: code === 'UNAVAILABLE' ? 'preparing' : waiting() });
    reopen(failures);
  }

  function reopen(failures: number, atLeastMs = 0): void {
    lose();
    const backoff = failures === 0 ? 0 : backoffMs(failures, reopenWaits, time.random);
    const waitMs = Math.max(atLeastMs * (1 + time.random()), backoff);
    cancelWait = time.after(waitMs, () => void open(failures));
  }

  function lose(): void {
    attempt += 1;
    cancelWait();
    if (!current) return;
    const { session, hasEnded } = current;
    if (hasEnded) session.transport.close();
    else discard(session);
    current = null;
    onLost();
    if (!closed) onState({ state: waiting() });
  }

  function discard(session: OpenSession): void {
    session.transport.close();
    closeSession(client, session);
  }

  function end(reason: SessionEnd, code?: ErrorCode): void {
    stop();
    onState({ state: 'over', reason, ...(code ? { code } : {}) });
  }

  function stop(): void {
    closed = true;
    for (const stopOne of stopListening) stopOne();
    lose();
  }
}

/** mediasoup-client throws UnsupportedErrors: of a browser without WebRTC, or without a codec the media server knows. */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof AppError) return error.code;
  return error instanceof Error && error.name === 'UnsupportedError' ? 'CODECS_REFUSED' : 'INTERNAL';
}

/** A session that is not found any more just after it was opened has ended with the media server, and another one will do. */
const asGone = (error: unknown): unknown =>
  error instanceof AppError && error.code === 'NOT_FOUND' ? new AppError('RETRY') : error;

const idOf = ({ roomId, sessionId }: OpenSession) => ({ roomId, sessionId });
