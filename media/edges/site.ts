import type { TransportListenInfo } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import type { MediaAddress } from '../../shared/media-call.ts';
import {
  mediaVerbs,
  type MediaEvent,
  type MediaVerb,
  type VerbInput,
  type VerbOutput,
} from '../../shared/media-link.ts';
import { setNewest } from '../../shared/newest.ts';
import type { SessionEnd } from '../../shared/protocol/media.ts';
import { mediaProcessLimits } from '../limits.ts';
import type { MediaLog } from '../log.ts';
import type { Published } from '../room/published.ts';
import { createEdge } from './edge.ts';
import type { LinkEvent } from './link-verbs.ts';
import { createRelay, type Relay } from './relay.ts';

/** A session that watches at an edge, as home remembers it. `number`: counted as those at home. */
export type Placed = { roomId: string; sessionId: string; ownerId: string; number: number; isOpen: boolean };
/** A room at an edge, and who watches it there. */
type Carried = { relay: Relay; sessions: Map<string, Placed>; ending: NodeJS.Timeout | undefined };

type Needs = {
  address: MediaAddress;
  listenInfo: () => TransportListenInfo;
  /** What a room shows here. */
  published(roomId: string): Published[];
  /** A session that was open has ended. */
  onEnded(session: Placed, reason: SessionEnd): void;
  tell(event: MediaEvent): void;
  log: MediaLog;
  nowMs: () => number;
  /** A room whose last viewer has left is kept for so long. */
  lingerMs: number;
  /** An edge that was lost gets no viewers for so long, nor a room that it could not have: they must not be moved again and again. */
  leftOutMs: number;
  unansweredMax: number | undefined;
};

export type Site = ReturnType<typeof createSite>;

/** What one edge has of ours: rooms, each over one relay, and their viewers. */
export function createSite({
  address,
  listenInfo,
  published,
  onEnded,
  tell,
  log,
  nowMs,
  lingerMs,
  leftOutMs,
  unansweredMax,
}: Needs) {
  const rooms = new Map<string, Carried>();
  /** By room: until when it is not to be carried here. */
  const leftOut = new Map<string, number>();
  /** The same for all rooms. */
  let leftOutUntilMs = 0;
  const edge = createEdge({
    address,
    log,
    nowMs,
    hear,
    relays: () => [...rooms.values()].map(({ relay }) => relay.number),
    onBeat: (beat, starved) =>
      [...rooms.values()].forEach(({ relay }) => relay.hearBeat(beat, starved.get(relay.number))),
    onLost() {
      leftOutUntilMs = nowMs() + leftOutMs;
      for (const roomId of [...rooms.keys()]) giveUp(roomId);
    },
  });

  return {
    url: edge.url,
    isUp: edge.isUp,
    trouble: edge.trouble,
    hasLink: edge.hasLink,
    load: edge.load,
    rooms: (): Iterable<string> => rooms.keys(),
    has: (roomId: string): boolean => rooms.has(roomId),
    sessions: (): number => [...rooms.values()].reduce((sum, { sessions }) => sum + sessions.size, 0),
    canCarry: (roomId: string): boolean =>
      edge.load() !== null &&
      (rooms.has(roomId) || rooms.size < mediaProcessLimits.roomsMax) &&
      Math.max(leftOutUntilMs, leftOut.get(roomId) ?? 0) <= nowMs(),
    streamsChanged: (roomId: string): unknown => rooms.get(roomId)?.relay.sync(),
    open,
    ask,
    /** Ends sessions of a room, if there are any. Where the room is lost meanwhile, they have ended with it. */
    async endAll(input: VerbInput<'endAll'>): Promise<VerbOutput<'endAll'>> {
      const carried = rooms.get(input.roomId);
      if (!carried || carried.sessions.size === 0) return { ended: 0 };
      return askOf(carried, 'endAll', input).catch((error: unknown) => {
        if (carried.relay.closed) return { ended: 0 };
        throw error;
      });
    },
    close(): void {
      edge.close();
      for (const [roomId, carried] of rooms) {
        forget(roomId, carried);
        endSessions(carried, 'stopping');
      }
    },
  };

  /** Opens a session here. @throws AppError of the edge; RETRY when the room can't be had here after all */
  async function open<V extends 'open' | 'play'>(
    verb: V,
    input: VerbInput<V>,
    session: Placed,
  ): Promise<VerbOutput<V>> {
    const { roomId, sessionId } = session;
    const carried = rooms.get(roomId) ?? carry(roomId);
    clearTimeout(carried.ending);
    carried.sessions.set(sessionId, session);
    const arrived = edge.expect();
    try {
      const output = await askOf(carried, verb, input);
      if (carried.sessions.has(sessionId)) {
        session.isOpen = true;
        return output;
      }
      throw notHere();
    } catch (error) {
      if (carried.sessions.delete(sessionId)) {
        // Its answer may have been lost, and not the session.
        if (!carried.relay.closed)
          edge.ask(carried.relay.number, 'end', { roomId, sessionId, reason: 'left' }).catch(() => undefined);
        lingerIfIdle(roomId, carried);
      }
      throw error;
    } finally {
      arrived();
    }
  }

  /** Of a room that is here. @throws AppError of the edge; RETRY when the room is not here any more */
  async function ask<V extends MediaVerb>(verb: V, input: VerbInput<V> & { roomId: string }): Promise<VerbOutput<V>> {
    const carried = rooms.get(input.roomId);
    if (!carried) throw notHere();
    return askOf(carried, verb, input);
  }

  /** What the edge is asked, it answers knowing what was published before; an end needs no more than that it knows the room. */
  async function askOf<V extends MediaVerb>(carried: Carried, verb: V, input: VerbInput<V>): Promise<VerbOutput<V>> {
    const isEnd = verb === 'end' || verb === 'endAll';
    if (!isEnd || !carried.relay.isKnown()) await carried.relay.settled();
    if (carried.relay.closed) throw notHere();
    const output = await edge.ask(carried.relay.number, verb, input);
    return mediaVerbs[verb].output.parse(output) as VerbOutput<V>;
  }

  function carry(roomId: string): Carried {
    const relay = createRelay({
      roomId,
      edge,
      listenInfo,
      log,
      nowMs,
      unansweredMax,
      published: () => published(roomId),
      onBroken() {
        setNewest(leftOut, roomId, nowMs() + leftOutMs, mediaProcessLimits.roomsMax);
        if (rooms.get(roomId)?.relay === relay) giveUp(roomId);
      },
    });
    const carried: Carried = { relay, sessions: new Map(), ending: undefined };
    rooms.set(roomId, carried);
    void relay.sync();
    return carried;
  }

  function hear(event: LinkEvent | MediaEvent): void {
    if (event.type === 'quality' || event.type === 'lost') return tell(event);
    if (event.type === 'relay-ended') {
      const [roomId] = [...rooms].find(([, { relay }]) => relay.number === event.relay) ?? [];
      if (roomId !== undefined) giveUp(roomId);
    }
    if (event.type !== 'closed') return;
    const carried = rooms.get(event.roomId);
    const session = carried?.sessions.get(event.sessionId);
    if (!carried || !session) return;
    carried.sessions.delete(session.sessionId);
    end(session, event.reason);
    lingerIfIdle(event.roomId, carried);
  }

  function lingerIfIdle(roomId: string, carried: Carried): void {
    if (carried.sessions.size > 0 || rooms.get(roomId) !== carried) return;
    clearTimeout(carried.ending);
    carried.ending = setTimeout(forget, lingerMs, roomId, carried);
  }

  /** It can't be had here any more: its viewers begin anew, and come where it can be had. */
  function giveUp(roomId: string): void {
    const carried = rooms.get(roomId)!;
    forget(roomId, carried);
    endSessions(carried, 'worker-died');
  }

  /** The edge ends what the next beat does not name. */
  function forget(roomId: string, carried: Carried): void {
    clearTimeout(carried.ending);
    rooms.delete(roomId);
    carried.relay.close();
  }

  function endSessions({ sessions }: Carried, reason: SessionEnd): void {
    const ended = [...sessions.values()];
    sessions.clear();
    for (const session of ended) end(session, reason);
  }

  /** Of one that is just being opened nobody knows yet: it is opened elsewhere. */
  function end(session: Placed, reason: SessionEnd): void {
    if (session.isOpen) onEnded(session, reason);
  }
}

const notHere = (): AppError => new AppError('RETRY', 'Media is starting again.', { retryAfterMs: 300 });
