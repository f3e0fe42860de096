import type { Consumer, PipeTransport, Router, TransportListenInfo } from 'mediasoup/types';
import type { MediaLog } from '../log.ts';
import type { Published } from '../room/published.ts';
import { readInTime } from '../stats.ts';
import type { Beat, Edge } from './edge.ts';
import type { RelayedStream } from './link-verbs.ts';
import { createLossWatch, type LossWatch, type Starved } from './loss-watch.ts';
import { connectPipe, openPipe, pipeEndOf } from './pipe.ts';
import { createReturnWatch, type ReturnWatch } from './return-watch.ts';

type Needs = {
  roomId: string;
  edge: Edge;
  listenInfo: () => TransportListenInfo;
  /** What the room shows here. */
  published(): Published[];
  /** The room can't be had there (any more), or nothing arrives: it is to be closed. */
  onBroken(): void;
  log: MediaLog;
  nowMs: () => number;
  /** So many beats in which something was sent, and nothing came back: nothing gets through from there. */
  unansweredMax?: number | undefined;
};
type Pipe = {
  router: Router;
  transport: PipeTransport;
  consumers: Map<string, Consumer>;
  isConnected: boolean;
  loss: LossWatch;
  back: ReturnWatch;
};

export type Relay = ReturnType<typeof createRelay>;

/**
 * One room on its way to one edge: each stream once, over one pipe, however many watch there. Only what is published here is sent, and
 * never what came from elsewhere, so nothing goes in a circle. What the edge is told is always the whole room: a change that overtakes
 * another one does no harm.
 */
export function createRelay({ roomId, edge, listenInfo, published, onBroken, log, nowMs, unansweredMax }: Needs) {
  const number = edge.nextRelay();
  let pipe: Pipe | null = null;
  let closed = false;
  let isStale = false;
  let isKnown = false;
  let syncing: Promise<void> | null = null;

  return {
    number,
    get closed() {
      return closed;
    },
    /** To be called whenever what is published may have changed. Resolves when the edge knows, or the relay is closed; never rejects. */
    sync(): Promise<void> {
      isStale = true;
      return (syncing ??= syncAll());
    },
    /** The edge has heard of it. */
    isKnown: (): boolean => isKnown,
    /** The edge knows what was published when this is called; or the relay is closed. */
    settled: async (): Promise<void> => void (await syncing),
    /**
     * Hears with each beat whether nothing arrives at the edge. While we send nothing, that is as it should be; what was sent long enough
     * ago and has not arrived is lost. So what is sent is read with each beat, and the first such word decides.
     */
    hearBeat({ beat, askedAtMs }: Beat, starved: Starved | undefined): void {
      const open = pipe;
      if (!open?.isConnected) return;
      if (starved && open.loss.isLost(starved, askedAtMs))
        giveUp('nothing arrives at a further media server: its viewers begin anew elsewhere');
      else void read(open, beat);
    },
    close(): void {
      closed = true;
      endPipe();
    },
  };

  function giveUp(why: string): void {
    log.warn({ roomId, edge: edge.url }, why);
    onBroken();
  }

  /** How far both ways of the pipe are. */
  async function read(open: Pipe, beat: number): Promise<void> {
    const [stats] = (await readInTime(open.transport.getStats().catch(() => []))) ?? [];
    if (!stats) return;
    const { rtpBytesSent: sent, bytesReceived: received } = stats;
    open.loss.sampled({ beat, bytes: sent, atMs: nowMs() });
    if (!(await open.back.isDead({ sent, received })) || open !== pipe) return;
    giveUp(
      'nothing comes back from a further media server, for a firewall or a NAT that sends from other ports: its viewers begin anew elsewhere',
    );
  }

  async function syncAll(): Promise<void> {
    try {
      while (isStale && !closed) {
        await Promise.resolve(); // What happens together is told together.
        isStale = false;
        await syncOnce();
      }
    } catch (error) {
      if (closed) return;
      log.warn({ err: error, roomId, edge: edge.url }, 'a room can not be relayed');
      onBroken();
    } finally {
      syncing = null;
    }
  }

  async function syncOnce(): Promise<void> {
    const streams = published();
    const router = streams[0]?.home.router;
    if (pipe && (pipe.router !== router || pipe.transport.closed)) endPipe();
    if (router && !pipe && !(await beginPipe(router))) return;
    const open = pipe;
    const own = streams.filter(({ home }) => home.router === open?.router);
    const sent = open ? (await Promise.all(own.map((stream) => send(stream, open)))).filter((one) => one !== null) : [];
    if (closed) return;
    const end = open && pipeEndOf(open.transport, open.transport.id);
    const theirs = await edge.relay(number, roomId, { pipe: end, streams: sent });
    isKnown = true;
    if (!open || open !== pipe || open.isConnected || !theirs) return;
    open.isConnected = true;
    await connectPipe(open.transport, theirs).catch(unlessClosed(open.transport));
  }

  /** False when the publishers' worker died meanwhile: they come again, and this with them. */
  async function beginPipe(router: Router): Promise<boolean> {
    const transport = await openPipe(router, listenInfo()).catch((error: unknown) => {
      if (router.closed) return null;
      throw error;
    });
    if (!transport) return false;
    const consumers = new Map<string, Consumer>();
    const back = createReturnWatch({ consumers, unansweredMax });
    pipe = { router, transport, consumers, isConnected: false, loss: createLossWatch(), back };
    // Alone, and not by us: with its router the streams end as well, and it is laid anew when they come back.
    transport.observer.once('close', () => {
      if (pipe?.transport === transport && !router.closed) giveUp('a pipe to a further media server has closed');
    });
    if (closed) endPipe();
    return !closed;
  }

  function endPipe(): void {
    const ended = pipe;
    pipe = null;
    ended?.transport.close();
  }

  /** Null when the stream has ended meanwhile. */
  async function send(
    { producer, ownerId, kind }: Published,
    { transport, consumers }: Pipe,
  ): Promise<RelayedStream | null> {
    const known = consumers.get(producer.id);
    const consumer =
      known ??
      (await transport.consume({ producerId: producer.id }).catch((error: unknown) => {
        if (producer.closed || transport.closed) return null;
        throw error;
      }));
    if (!consumer || consumer.closed) return null;
    if (!known) {
      consumers.set(producer.id, consumer);
      consumer.observer.once('close', () => consumers.delete(producer.id));
    }
    const { rtpParameters } = consumer;
    return { producerId: producer.id, ownerId, kind, rtpParameters, paused: producer.paused };
  }
}

const unlessClosed =
  (transport: PipeTransport) =>
  (error: unknown): void => {
    if (!transport.closed) throw error;
  };
