import type { Device } from 'mediasoup-client';
import type { Transport, TransportOptions } from 'mediasoup-client/types';
import { AppError, type ErrorCode } from '../errors.ts';
import type { SessionEnd } from '../protocol/media.ts';
import { backoffMs } from './backoff.ts';
import type { Client } from './client.ts';
import { systemTime, type Time } from './time.ts';

export type MediaClient = Pick<Client, 'request' | 'on' | 'isOnline'>;

/**
 * `preparing`: the media server is being set up. `reconnecting`: there was media, and it is being brought back.
 * `over`: it will not come back; `reason` says why, and `code` why it was refused: CONFLICT when the show is over or as many
 * people as possible publish already, FORBIDDEN and NOT_FOUND when it is not for this person, CODECS_REFUSED when this device and
 * the media server have no codec in common.
 */
export type MediaState =
  | { state: 'connecting' | 'preparing' | 'connected' | 'reconnecting' }
  | { state: 'over'; reason: SessionEnd; code?: ErrorCode };

/** An open session: what a publisher or a player builds on. */
export type OpenSession = { roomId: string; sessionId: string; device: Device; transport: Transport };

type Needs = {
  client: MediaClient;
  roomId: string;
  direction: 'publish' | 'watch';
  /** Builds what flows over a new session. After a failure another session is tried. */
  build: (session: OpenSession) => Promise<void>;
  /** What was built is gone with its session. */
  onLost: () => void;
  onState: (state: MediaState) => void;
  time?: Time;
};

export type MediaSession = ReturnType<typeof keepMediaSession>;

/** As after so many failures in a row: some seconds. */
const failuresOfTheSlow = 5;
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
const refusals: readonly ErrorCode[] = ['CONFLICT', 'FORBIDDEN', 'NOT_FOUND', 'CODECS_REFUSED'];

/**
 * Keeps one media session alive until it is closed: opens it, restarts ICE when the network changes, opens another one
 * when it ends. Loads mediasoup-client at the first use, so that pages without media don't carry it.
 */
export function keepMediaSession({ client, roomId, direction, build, onLost, onState, time = systemTime }: Needs) {
  let current: OpenSession | null = null;
  let closed = false;
  /** Raised whenever what was going on is out of date. */
  let attempt = 0;
  let wasConnected = false;
  let cancelWait = (): void => undefined;

  const stopListening = [
    client.on('notice', ({ name, body }) => {
      if (name !== 'media:closed') return;
      const { sessionId, reason } = body as { sessionId: string; reason: SessionEnd };
      if (sessionId !== current?.sessionId) return;
      if (finalEnds.includes(reason)) return end(reason);
      lose();
      // Who was too slow is not the sooner ready for being asked again at once.
      if (reason === 'half-open') reopen(failuresOfTheSlow);
      else void open();
    }),
    // The session went with its socket.
    client.on('state', (state) => {
      if (state === 'offline') lose();
      else if (!current) void open();
    }),
  ];
  if (client.isOnline()) void open();

  return {
    current: (): OpenSession | null => current,
    close(): void {
      const session = current;
      stop();
      if (session) void client.request('media:close', idOf(session), { triesMax: 1 }).catch(() => undefined);
    },
  };

  async function open(failures = 0): Promise<void> {
    if (closed) return;
    const mine = ++attempt;
    onState({ state: wasConnected ? 'reconnecting' : 'connecting' });
    try {
      const session = await begin();
      if (mine !== attempt) return drop(session);
      current = session;
      await build(session).catch(asGone);
      if (mine === attempt) connected();
    } catch (error) {
      if (mine === attempt) retry(error, failures + 1);
    }
  }

  async function begin(): Promise<OpenSession> {
    const [{ Device: AnyDevice }, { rtpCapabilities }, { sessionId, transport: parameters, iceServers }] =
      await Promise.all([
        import('mediasoup-client'),
        client.request('media:capabilities', { roomId }),
        client.request('media:transport', { roomId, direction }, { triesMax: 1 }),
      ]);
    const device = await AnyDevice.factory();
    await device.load({ routerRtpCapabilities: rtpCapabilities as never });
    const options = { ...parameters, iceServers } as unknown as TransportOptions;
    const transport =
      direction === 'publish' ? device.createSendTransport(options) : device.createRecvTransport(options);
    const session = { roomId, sessionId, device, transport };
    transport.on('connect', ({ dtlsParameters }, done, fail) => {
      client.request('media:connect', { ...idOf(session), dtlsParameters }).then(() => done(), fail);
    });
    transport.on('connectionstatechange', (state) => void followConnection(session, state));
    return session;
  }

  async function followConnection(session: OpenSession, state: string): Promise<void> {
    if (session !== current) return;
    if (state === 'failed') return reopen(0);
    if (state !== 'disconnected') return;
    onState({ state: 'reconnecting' });
    try {
      const { iceParameters } = await client.request('media:restart-ice', idOf(session));
      await session.transport.restartIce({ iceParameters: iceParameters });
      if (session === current) onState({ state: 'connected' });
    } catch {
      if (session === current) reopen(0);
    }
  }

  function connected(): void {
    wasConnected = true;
    onState({ state: 'connected' });
  }

  function retry(error: unknown, failures: number): void {
    lose();
    const code = codeOf(error);
    if (refusals.includes(code)) return end('refused', code);
    if (code === 'UNAVAILABLE') onState({ state: 'preparing' });
    reopen(failures);
  }

  function reopen(failures: number): void {
    lose();
    cancelWait();
    const waitMs = failures === 0 ? 0 : backoffMs(failures, reopenWaits, time.random);
    cancelWait = time.after(waitMs, () => void open(failures));
  }

  function lose(): void {
    attempt += 1;
    if (!current) return;
    drop(current);
    current = null;
    onLost();
    if (!closed) onState({ state: 'reconnecting' });
  }

  function end(reason: SessionEnd, code?: ErrorCode): void {
    stop();
    onState({ state: 'over', reason, ...(code ? { code } : {}) });
  }

  function stop(): void {
    closed = true;
    cancelWait();
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
function asGone(error: unknown): never {
  throw error instanceof AppError && error.code === 'NOT_FOUND' ? new AppError('RETRY') : error;
}

const drop = ({ transport }: OpenSession): void => transport.close();
const idOf = ({ roomId, sessionId }: OpenSession) => ({ roomId, sessionId });
