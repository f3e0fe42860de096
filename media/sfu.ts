import type { DtlsParameters, RtpCapabilities, RtpParameters } from 'mediasoup/types';
import { AppError } from '../shared/errors.ts';
import type { MediaEvent, MediaVerbs } from '../shared/media-link.ts';
import type { MediaStatus } from '../shared/protocol/media.ts';
import { homeCapabilities } from './codecs.ts';
import { createAsked } from './asked.ts';
import { createEnds } from './ends.ts';
import { createIceRestarts, etagOf } from './ice-restarts.ts';
import type { MediaLog } from './log.ts';
import { createLossLadder } from './loss-ladder.ts';
import { playByOffer, publishByOffer, type Answered } from './offered-sessions.ts';
import { createRooms, type Rooms } from './rooms.ts';
import type { Session } from './room/session.ts';
import { startWorkers, type Workers, type WorkerSettings } from './workers.ts';

export type Sfu = MediaVerbs & {
  /** Hears every event from now on; returns how to stop. */
  listen(hear: (event: MediaEvent) => void): () => void;
  /** For metrics; null until the workers run. */
  running(): { rooms: Rooms; workers: Workers } | null;
  close(): void;
};

type Needs = Omit<WorkerSettings, 'binPath'> & {
  /** What one publisher may send in all, bits per second. */
  publisherBitrateMaxBps: number;
  /** Share of a core above which a worker takes no further viewers while another has less. Default 0.7. */
  loadMax?: number;
  /** Whether one viewer more may come, beside so many who are just coming. Default: always. Publishers are not asked for. */
  hasRoom?(coming: number): boolean;
  /** Path of the worker program, as soon as there is one. */
  workerBin: Promise<string>;
  /** How far the making of that program is. */
  preparation(): MediaStatus;
  log: MediaLog;
  /** For durations alone: of a clock that is never set. */
  nowMs: () => number;
};

/** The media server: WebRTC in, WebRTC out. Answers UNAVAILABLE until a worker runs, and comes up by itself. */
export function createSfu({
  workerBin,
  preparation,
  log,
  nowMs,
  loadMax,
  publisherBitrateMaxBps,
  hasRoom = () => true,
  ...settings
}: Needs): Sfu {
  const listeners = new Set<(event: MediaEvent) => void>();
  const ladder = createLossLadder(nowMs);
  const asked = createAsked(log);
  const iceRestarts = createIceRestarts(nowMs);
  const ends = createEnds();
  let workers: Workers | null = null;
  let up: { rooms: Rooms; workers: Workers } | null = null;
  /** Why there is no worker program. */
  let failure: string | null = null;
  let closed = false;

  workerBin
    .then((binPath) => (closed ? undefined : start(binPath)))
    .catch((error: unknown) => {
      failure = error instanceof Error ? error.message : String(error);
      log.error({ err: error }, 'media can not start');
    });

  return {
    async status() {
      const trouble = failure ?? workers?.failure() ?? null;
      if (trouble !== null) return { state: 'failed', progress: 0, message: trouble };
      if (up) return { state: 'ready', progress: 1, message: 'Media is ready.' };
      const status = preparation();
      return status.state === 'ready' ? { state: 'preparing', progress: 1, message: 'Media is starting.' } : status;
    },
    capabilities: async () => ({ rtpCapabilities: homeCapabilities as never }),

    async open({ roomId, direction, ...request }) {
      const room = rooms().take(roomId, direction);
      const opening = { roomId, direction, keyId: null, ...request };
      const { transport } = await asked.toOpen(() => room.openSession(opening));
      const { id, iceParameters, iceCandidates, dtlsParameters } = transport;
      return { id, iceParameters, iceCandidates, dtlsParameters } satisfies Record<string, unknown>;
    },
    async connect({ dtlsParameters, ...where }) {
      await asked.of(() => session(where).transport.connect({ dtlsParameters: dtlsParameters as DtlsParameters }));
      return {};
    },
    async produce({ kind, rtpParameters, source, ...where }) {
      const from = session(where);
      if (from.direction !== 'publish') throw new AppError('FORBIDDEN', 'This session watches.');
      const wanted = { kind, rtpParameters: rtpParameters as RtpParameters, source };
      const producer = await asked.of(() => room(where).produce(from, wanted));
      return { producerId: producer.id };
    },
    async consume({ rtpCapabilities, without = [], ...where }) {
      const to = session(where);
      if (to.direction !== 'watch') throw new AppError('FORBIDDEN', 'This session publishes.');
      const watchable = await asked.of(() => room(where).consume(to, rtpCapabilities as RtpCapabilities, without));
      const consumers = watchable.consumptions.map(({ consumer, stream }) => ({
        consumerId: consumer.id,
        producerId: stream.producer.id,
        publisherId: stream.ownerId,
        kind: consumer.kind,
        rtpParameters: consumer.rtpParameters,
      }));
      const isNew = new Set(consumers.map(({ consumerId }) => consumerId));
      const kept = Array.from(to.consumers.values(), ({ id }) => id).filter((id) => !isNew.has(id));
      const unplayable = watchable.unplayable.map(({ ownerId, kind, producer }) => ({
        publisherId: ownerId,
        kind,
        mimeType: producer.rtpParameters.codecs[0]!.mimeType,
      }));
      return { consumers, unplayable, kept };
    },
    async resume({ consumerIds, ...where }) {
      const wanted = new Set(consumerIds);
      for (const [producerId, consumer] of session(where).consumers) {
        if (wanted.has(consumer.id)) room(where).start(consumer, producerId);
      }
      return {};
    },
    async layers({ consumerId, spatialLayer, temporalLayer, ...where }) {
      const consumer = [...session(where).consumers.values()].find(({ id }) => id === consumerId);
      if (!consumer) throw new AppError('NOT_FOUND', 'The session has no such consumer.');
      const layers = { spatialLayer, ...(temporalLayer === undefined ? {} : { temporalLayer }) };
      await asked.of(() => consumer.setPreferredLayers(layers));
      return {};
    },
    async restartIce(where) {
      return { iceParameters: await asked.of(() => session(where).transport.restartIce()) };
    },

    async publish({ offer, ...whose }) {
      const request = { ...whose, direction: 'publish' as const };
      return answered(
        await asked.toOpen(() => publishByOffer(() => rooms().take(whose.roomId, 'publish'), request, offer)),
      );
    },
    async play({ offer, ...whose }) {
      const request = { ...whose, keyId: null, direction: 'watch' as const };
      return answered(
        await asked.toOpen(() => playByOffer(rooms().find(whose.roomId), request, offer, { ladder, log })),
      );
    },
    async patch({ ifMatch, fragment, ...where }) {
      const found = session(where);
      return asked.of(() => iceRestarts.patch(found, { ifMatch, fragment }));
    },

    async end({ reason, ...where }) {
      const found = up?.rooms.find(where.roomId)?.sessions().get(where.sessionId);
      found?.close(reason);
      return { ended: Boolean(found) };
    },
    async endAll({ roomId, reason, ...wanted }) {
      const matching = [...(up?.rooms.find(roomId)?.sessions().values() ?? [])].filter(
        (found) =>
          (wanted.ownerId ?? found.ownerId) === found.ownerId &&
          (wanted.keyId ?? found.keyId) === found.keyId &&
          (wanted.direction ?? found.direction) === found.direction,
      );
      for (const found of matching) found.close(reason);
      return { ended: matching.length };
    },
    async mute({ roomId, ownerId, muted }) {
      return { sent: (await up?.rooms.find(roomId)?.setMuted(ownerId, muted)) ?? [] };
    },
    async publishers({ roomId }) {
      return { publishers: up?.rooms.find(roomId)?.publishers() ?? [] };
    },
    async rooms() {
      const { all, isFlowing } = rooms();
      const atHome = [...all()].filter((each) => !each.isRelayed());
      return {
        rooms: atHome.map((each) => ({
          roomId: each.roomId,
          publishers: each.publishers(),
          losing: each.losing(),
          publishing: Array.from(each.publishing(), (session) => {
            const { tookOver } = session;
            return { ...named(session), flowing: isFlowing(session), tookOver };
          }),
        })),
      };
    },
    async watching({ after, max }) {
      const sessions = rooms().watching(after, max);
      return { sessions: sessions.map((session) => ({ ...named(session), number: session.number })) };
    },
    async ended({ sessions }) {
      const isGone = ({ roomId, sessionId }: (typeof sessions)[number]): boolean =>
        !up?.rooms.find(roomId)?.sessions().has(sessionId);
      return {
        ended: sessions.filter(isGone).map((each) => ({ ...each, reason: ends.reasonOf(each.sessionId) })),
      };
    },

    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    running: () => up,
    close() {
      closed = true;
      up?.rooms.close();
      workers?.close();
      up = null;
    },
  };

  async function start(binPath: string): Promise<void> {
    workers = startWorkers({ binPath, log, ...settings });
    await workers.ready;
    if (closed) return;
    up = { workers, rooms: createRooms({ workers, log, nowMs, tell, loadMax, publisherBitrateMaxBps, hasRoom }) };
    log.info({ workers: workers.count }, 'media is ready');
  }

  function tell(event: MediaEvent): void {
    if (event.type === 'closed') ends.note(event.sessionId, event.reason);
    for (const hear of listeners) hear(event);
  }

  function rooms(): Rooms {
    if (up) return up.rooms;
    const message = failure ?? workers?.failure() ?? preparation().message;
    throw new AppError('UNAVAILABLE', `Media can not be had yet: ${message}`, { retryAfterMs: 5_000 });
  }

  function room({ roomId }: { roomId: string }) {
    const found = rooms().find(roomId);
    if (!found) throw new AppError('NOT_FOUND', 'This media session has ended.');
    return found;
  }

  function session(where: { roomId: string; sessionId: string }): Session {
    const found = room(where).sessions().get(where.sessionId);
    if (!found) throw new AppError('NOT_FOUND', 'This media session has ended.');
    return found;
  }

  function answered({ session: made, answer, ice }: Answered) {
    iceRestarts.begin(made, ice);
    return { answer, etag: etagOf(made) };
  }
}

const named = ({ roomId, sessionId, ownerId, keyId }: Session) => ({ roomId, sessionId, ownerId, keyId });
