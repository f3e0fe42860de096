import type { PipeTransport, TransportListenInfo } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import { starvedAfterMs, type PipeEnd, type RelayedRoom, type RelayedStream } from '../edges/link-verbs.ts';
import { connectPipe, openPipe, pipeEndOf } from '../edges/pipe.ts';
import { mediaProcessLimits } from '../limits.ts';
import { readInTime } from '../stats.ts';
import type { Leg } from './leg.ts';
import type { createLegs } from './legs.ts';
import type { Published } from './published.ts';

type Needs = {
  legs: Pick<ReturnType<typeof createLegs>, 'takeHome' | 'release'>;
  listenInfo: TransportListenInfo;
  nowMs: () => number;
  /** What can be watched has changed. @param gone producers that have ended */
  onChange(gone: string[]): void;
  /** The worker that had it died, or the pipe has closed by itself. */
  onBroken(): void;
  onClosed(): void;
};
/**
 * `beat`: the latest of home. `grewWith`: the one with which it was seen last that something had come; 0 before the first. `isAsked`: its
 * worker owes an answer.
 */
type Pipe = {
  id: string;
  leg: Leg;
  transport: PipeTransport;
  bytes: number;
  lastPacketAtMs: number;
  beat: number;
  grewWith: number;
  isAsked: boolean;
};

/** A beat waits for it: a worker that hangs must not make its whole host look lost. */
const statsWithinMs = 150;
/**
 * A worker that says nothing for so long carries nothing either, and its own watch, which must not kill one that is only busy, takes
 * longer than viewers should wait.
 */
const standsStillAfterMs = 2_000;

export type Inflow = ReturnType<typeof createInflow>;

/** The streams of a room whose publishers are on another media server, as they come from there over one pipe. */
export function createInflow({ legs, listenInfo, nowMs, onChange, onBroken, onClosed }: Needs) {
  const streams = new Map<string, Published>();
  let order: string[] = [];
  let pipe: Pipe | null = null;
  let closed = false;
  /** One change after the other. */
  let turn: Promise<unknown> = Promise.resolve();

  return {
    /** In the order of home: who comes first is seen first. */
    streams: (): Published[] => order.flatMap((producerId) => streams.get(producerId) ?? []),
    /** Makes the room as the other server says it is. Gives this end of the pipe. */
    set(room: RelayedRoom): Promise<PipeEnd | null> {
      const done = turn.then(() => apply(room));
      turn = done.catch(() => undefined);
      return done;
    },
    /** Since which beat of home nothing has come, as far as anybody can tell, when that is a while ago; else null. */
    async starvedSince(beat: number): Promise<number | null> {
      const looked = pipe;
      if (!looked || [...streams.values()].every(({ producer }) => producer.paused)) return null;
      looked.beat = beat;
      if (!looked.isAsked) await readInTime(look(looked), statsWithinMs);
      if (looked !== pipe) return null;
      const passedMs = nowMs() - looked.lastPacketAtMs;
      return passedMs >= (looked.isAsked ? standsStillAfterMs : starvedAfterMs) ? looked.grewWith : null;
    },
    /** To another room of the same name that is at home here. */
    giveWay: onBroken,
    close(): void {
      if (closed) return;
      closed = true;
      endPipe();
      onClosed();
    },
  };

  async function look(looked: Pipe): Promise<void> {
    looked.isAsked = true;
    const [stats] = await looked.transport.getStats().catch(() => []);
    looked.isAsked = false;
    if (!stats || stats.rtpBytesReceived === looked.bytes) return;
    // Of a late answer it is the latest beat: what was sent before that one may have come, so nothing is said of it.
    Object.assign(looked, { bytes: stats.rtpBytesReceived, lastPacketAtMs: nowMs(), grewWith: looked.beat });
  }

  async function apply(room: RelayedRoom): Promise<PipeEnd | null> {
    if (closed) return null;
    const before = [...streams.keys()];
    if (pipe && pipe.id !== room.pipe?.pipeId) endPipe();
    if (room.pipe && !pipe) await beginPipe(room.pipe);
    order = room.streams.map(({ producerId }) => producerId);
    for (const [id, { producer }] of streams) if (!order.includes(id)) producer.close();
    const open = pipe;
    if (open) await Promise.all(room.streams.map((stream) => show(stream, open)));
    const gone = before.filter((id) => !streams.has(id));
    if (gone.length > 0 || [...streams.keys()].some((id) => !before.includes(id))) onChange(gone);
    return pipe && pipeEndOf(pipe.transport, pipe.id);
  }

  async function beginPipe(from: PipeEnd): Promise<void> {
    const leg = await legs.takeHome();
    let transport: PipeTransport | undefined;
    try {
      transport = await openPipe(leg.router, listenInfo);
      await connectPipe(transport, from);
      const opened = {
        id: from.pipeId,
        leg,
        transport,
        bytes: 0,
        lastPacketAtMs: nowMs(),
        beat: 0,
        grewWith: 0,
        isAsked: false,
      };
      pipe = opened;
      leg.mediaWorker.expect(-1); // It costs little, and its viewers are counted.
      // With its router, or alone: unless it was ended here, the room has lost what it shows.
      transport.observer.once('close', () => pipe === opened && !closed && onBroken());
    } catch (error) {
      transport?.close();
      legs.release(leg);
      throw error;
    }
    if (closed) endPipe();
  }

  /** Before it is released: the router may be closed with it, and that is no fault. */
  function endPipe(): void {
    const ended = pipe;
    pipe = null;
    if (!ended) return;
    ended.transport.close();
    ended.leg.mediaWorker.expect(1);
    legs.release(ended.leg);
  }

  async function show(stream: RelayedStream, { leg, transport }: Pipe): Promise<void> {
    const known = streams.get(stream.producerId)?.producer;
    const producer = known ?? (await produce(stream, leg, transport));
    if (producer.paused !== stream.paused) await (stream.paused ? producer.pause() : producer.resume());
  }

  async function produce(
    { producerId, ownerId, kind, rtpParameters, paused }: RelayedStream,
    leg: Leg,
    transport: PipeTransport,
  ) {
    const producer = await transport.produce({
      id: producerId,
      kind,
      rtpParameters: rtpParameters as never,
      paused,
      // All who need a key frame here ask home for one.
      keyFrameRequestDelay: mediaProcessLimits.keyFrameRequestEveryMs,
    });
    if (transport.closed) throw new AppError('RETRY'); // What a closed transport gives nobody closes.
    streams.set(producerId, { producer, ownerId, kind, home: leg });
    producer.observer.once('close', () => streams.delete(producerId));
    return producer;
  }
}
