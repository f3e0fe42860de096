import type { Consumer, RtpCapabilities, TransportListenInfo } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import type { MediaEvent, Muted } from '../../shared/media-link.ts';
import type { MediaKind, SessionEnd } from '../../shared/protocol/media.ts';
import type { Audience } from '../audience.ts';
import type { HalfOpen } from '../half-open.ts';
import type { MediaLog } from '../log.ts';
import { mediaProcessLimits } from '../limits.ts';
import type { Workers } from '../workers.ts';
import { createConsumer, type Consumption } from './consumption.ts';
import { createCrowd } from './crowd.ts';
import type { Dialect } from './dialect.ts';
import { createInflow, type Inflow } from './inflow.ts';
import type { Leg } from './leg.ts';
import { createLegs, homeDialect } from './legs.ts';
import { createMutes } from './mutes.ts';
import { createProduction } from './production.ts';
import { publishersOf, type Published } from './published.ts';
import { createSession, type Session, type SessionRequest } from './session.ts';
import { createSpeakers } from './speakers.ts';
import { createStarts } from './starts.ts';
import { createUplinks } from './uplinks.ts';

export type Room = ReturnType<typeof createRoom>;

type Needs = {
  roomId: string;
  workers: Workers;
  log: MediaLog;
  nowMs: () => number;
  loadMax: number | undefined;
  /** Of sessions, over all rooms. */
  nextNumber(): number;
  /** What one publisher may send in all; told to the sender by congestion control. */
  publisherBitrateMaxBps: number;
  tell(event: MediaEvent): void;
  /** @throws AppError RATE_LIMITED who may not publish again yet. */
  admit(request: SessionRequest): void;
  /** Of all rooms; kept up to date here. */
  halfOpen: HalfOpen;
  audience: Pick<Audience, 'comes' | 'goes'>;
  /** The last session has gone, and with it everything the room had. */
  onEmpty(): void;
};

type Watchable = { consumptions: Consumption[]; unplayable: Published[] };

/** One room of the media server: who publishes, who watches, and the routers between them. */
export function createRoom({
  roomId,
  workers,
  log,
  nowMs,
  tell,
  loadMax,
  halfOpen,
  audience,
  onEmpty,
  nextNumber,
  admit,
  publisherBitrateMaxBps,
}: Needs) {
  const legs = createLegs({ workers, loadMax });
  const speakers = createSpeakers({ roomId, tell });
  const uplinks = createUplinks({ roomId, tell });
  const starts = createStarts(nowMs);
  const mutes = createMutes();
  const crowd = createCrowd(nowMs);
  const { sessions, publishing } = crowd;
  /** What sessions that can't ask for themselves (WHEP) do when streams change. */
  const followers = new Map<Session, () => void>();
  const produce = createProduction({ mutes, onChange: (session, gone) => session.connected && streamsChanged(gone) });
  /** Producers that ended in this turn of the event loop, until it is told. */
  let ended: string[] | null = null;
  /** What comes from another media server, at which the room is at home; null in a room that is at home here. */
  let inflow: Inflow | null = null;

  return {
    roomId,
    isRelayed: (): boolean => inflow !== null,
    /** There are viewers, and nobody to watch, here or elsewhere. */
    isAudience: (): boolean => inflow === null && crowd.isAudience(),
    relay,
    sessions: () => sessions,
    publishing: () => publishing,
    legs: (): number => legs.count(),
    published,
    publishers: () => publishersOf(published()),
    losing: uplinks.losing,
    openSession,
    produce,
    consume,
    consumeIn,
    start: starts.start,
    /** Has `onChange` called whenever what can be watched changes, until the session ends. */
    follow: (session: Session, onChange: () => void): unknown => followers.set(session, onChange),
    setMuted,
  };

  async function openSession(request: SessionRequest, dialect: Dialect = homeDialect): Promise<Session> {
    const arrived = crowd.expect(request);
    if (request.direction === 'watch') starts.comes();
    let release = (): unknown => undefined;
    let from: Inflow | null = null;
    try {
      if (request.direction === 'publish') {
        if (inflow && inflow.streams().length > 0) throw atHomeElsewhere();
        inflow?.giveWay(); // Viewers wait here for a publisher, whom they would keep out.
        admit(request);
      }
      from = inflow;
      release = halfOpen.reserve(request, crowd.of(request.ownerId));
      if (request.muted) await setMuted(request.ownerId, request.muted);
      const leg = await (request.direction === 'publish' ? legs.takeHome() : legs.takeFor(dialect, request));
      const session = await sessionOn(leg, request).catch((error: unknown) => {
        legs.release(leg);
        throw error;
      });
      if (from === null || from === inflow) return session;
      session.close('worker-died'); // What it came for has ended meanwhile, with all who were there.
      throw new AppError('RETRY');
    } finally {
      arrived();
      release();
      endIfEmpty();
    }
  }

  async function sessionOn(leg: Leg, request: SessionRequest): Promise<Session> {
    const transport = await leg.router.createWebRtcTransport({
      webRtcServer: leg.mediaWorker.webRtcServer,
      iceConsentTimeout: mediaProcessLimits.iceConsentSeconds,
      initialAvailableOutgoingBitrate: 1_000_000,
    });
    if (request.direction === 'publish') {
      await transport.setMaxIncomingBitrate(publisherBitrateMaxBps).catch((error: unknown) => {
        transport.close();
        throw error;
      });
    }
    const session = createSession({ request, leg, transport, number: nextNumber(), onConnected, onClosed });
    crowd.add(session);
    audience.comes(session);
    if (session.direction === 'publish') halfOpen.owes(session);
    else halfOpen.waits(session, published().length > 0);
    return session;
  }

  function onConnected(session: Session): void {
    halfOpen.settled(session);
    if (session.direction !== 'publish') return;
    // In the order they were opened: a handshake that comes late must not push out whoever came after it.
    const own = [...publishing].filter(({ ownerId }) => ownerId === session.ownerId);
    const newer = own.splice(own.indexOf(session)).slice(1);
    if (newer.some(({ connected }) => connected)) return session.close('taken-over');
    session.tookOver = own.some(({ connected }) => connected);
    for (const older of own) older.close('taken-over');
    if (session.producers.size > 0) streamsChanged([]);
  }

  function onClosed(session: Session, reason: SessionEnd): void {
    crowd.remove(session);
    audience.goes(session);
    halfOpen.settled(session);
    followers.delete(session);
    legs.release(session.leg);
    const { sessionId, ownerId, direction, keyId } = session;
    log.debug({ roomId, sessionId, direction, reason }, 'media session ended');
    const isOtherOnAir = [...publishing].some((other) => other.connected && other.keyId === keyId);
    const endedKeyId = isOtherOnAir ? null : keyId;
    tell({ type: 'closed', roomId, sessionId, ownerId, direction, endedKeyId, reason });
    if (session.connected && session.producers.size > 0) streamsChanged([...session.producers.keys()]);
    endIfEmpty();
  }

  function endIfEmpty(): void {
    if (crowd.isEmpty() && !inflow) onEmpty();
  }

  /**
   * Has the room show what another media server sends, until what is returned is closed, after its sessions. That nobody is there does
   * not end it meanwhile.
   *
   * @param onBroken told when the worker that had it died; it is to be closed then
   * @throws AppError CONFLICT when it has publishers of its own: a room is at home in one place, and no stream goes in a circle
   */
  function relay(listenInfo: TransportListenInfo, onBroken: () => void): Inflow {
    if (inflow || crowd.hasPublishers()) throw atHomeElsewhere();
    const onClosed = (): void => {
      inflow = null;
      endIfEmpty();
    };
    inflow = createInflow({ legs, listenInfo, nowMs, onChange: streamsChanged, onBroken, onClosed });
    return inflow;
  }

  /** Streams that one can watch: of connected publishers, or of those of another media server. */
  function published(): Published[] {
    const own = [...publishing]
      .filter(({ connected }) => connected)
      .flatMap(({ producers, ownerId, leg }) =>
        [...producers.values()].map((producer) => ({ producer, ownerId, kind: producer.kind, home: leg })),
      );
    return inflow ? inflow.streams() : own;
  }

  /** Told once for all that happens together: a takeover ends one session and begins another, and every page asks when it is told. */
  function streamsChanged(gone: string[]): void {
    if (ended) return void ended.push(...gone);
    ended = [...gone];
    queueMicrotask(tellStreams);
  }

  function tellStreams(): void {
    const gone = ended ?? [];
    ended = null;
    if (!inflow) tellOfOwn(gone);
    for (const onChange of [...followers.values()]) onChange();
    if (published().length === 0) return;
    for (const session of sessions.values()) if (session.direction === 'watch') halfOpen.waits(session, true);
  }

  /** Home tells it of a room that is only relayed here. */
  function tellOfOwn(gone: string[]): void {
    tell({ type: 'streams', roomId, gone });
    publishersChanged();
    uplinks.follow(published());
    speakers
      .follow(published())
      .catch((error: unknown) => log.debug({ err: error, roomId }, 'speakers are not followed'));
  }

  function publishersChanged(): void {
    tell({ type: 'publishers', roomId, publishers: publishersOf(published()), changeId: newId() });
  }

  /**
   * What a session can decode of all streams and has not begun to watch: asking twice, because an answer was lost, gives the same
   * again. And what it can't decode. Nothing of the publishers and streams it wants to be `without`.
   */
  async function consume(
    session: Session,
    rtpCapabilities: RtpCapabilities,
    without: readonly string[],
  ): Promise<Watchable> {
    const needs = { session, rtpCapabilities, tell, onLost };
    const isWanted = ({ ownerId, producer }: Published): boolean =>
      !without.includes(ownerId) && !without.includes(producer.id);
    const streams = published().filter(isWanted);
    const made = await Promise.all(streams.map((stream) => createConsumer({ ...needs, stream })));
    const consumptions = made.filter((one) => one !== null).filter(({ consumer }) => !starts.has(consumer));
    if (consumptions.length > 0) halfOpen.owes(session);
    else halfOpen.waitsOn(session);
    return { consumptions, unplayable: streams.filter(({ producer }, i) => made[i] === null && !producer.closed) };
  }

  /** Has a session watch one stream in a section of its offer. False when its client can't decode it, or it has just ended. */
  async function consumeIn(mid: string, session: Session, rtpCapabilities: RtpCapabilities, stream: Published) {
    const consumption = await createConsumer({ session, rtpCapabilities, stream, mid, onLost });
    if (consumption) halfOpen.owes(session);
    return consumption !== null;
  }

  /** One viewer shows a stream no more, though it goes on: who can ask anew does, and a page is told. */
  function onLost(session: Session, { id: consumerId }: Consumer): void {
    const follow = followers.get(session);
    if (follow) return follow();
    const { sessionId, gatewayId } = session;
    tell({ type: 'lost', roomId, sessionId, gatewayId, consumerId });
  }

  /** Gives the kinds that the publisher sends now. Goes for all their sessions, also those whose handshake is under way. */
  async function setMuted(ownerId: string, muted: Muted): Promise<MediaKind[]> {
    mutes.set(ownerId, muted);
    const own = [...publishing].filter((session) => session.ownerId === ownerId);
    const streams = own.flatMap(({ producers }) => [...producers.values()]);
    const changed = await Promise.all(streams.map((producer) => mutes.apply(ownerId, producer)));
    if (changed.includes(true)) publishersChanged();
    return [...new Set(streams.map(({ kind }) => kind))];
  }
}

const atHomeElsewhere = (): AppError => new AppError('CONFLICT', 'This room is at home on another media server.');
