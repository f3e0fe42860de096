import type { TransportListenInfo } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import type { MediaAddress } from '../../shared/media-call.ts';
import type { MediaEvent, VerbInput, VerbOutput } from '../../shared/media-link.ts';
import { createEnds } from '../ends.ts';
import { mediaProcessLimits } from '../limits.ts';
import { overfull } from '../load.ts';
import type { MediaLog } from '../log.ts';
import { noPlace } from '../room/crowd.ts';
import type { Published } from '../room/published.ts';
import type { Sfu } from '../sfu.ts';
import { createGroups } from './groups.ts';
import { createSite, type Placed, type Site } from './site.ts';

type Needs = {
  /** This process: all publishers are here, and viewers as long as there is room. */
  home: Sfu;
  addresses: readonly MediaAddress[];
  /** Where pipes to the edges begin. */
  listenInfo: () => TransportListenInfo;
  log: MediaLog;
  nowMs: () => number;
  /** Share of what this process may carry: from 1 on viewers are placed at an edge, while one has less. Null while it can carry nothing. */
  homeLoad: () => number | null;
  /** A room whose last viewer at an edge has left is kept there for so long. Default 5 s: people leave and come back. */
  lingerMs?: number;
  /** An edge that was lost is left out for so long, and for one room one that could not have it. Default 30 s. */
  leftOutMs?: number;
  /** Beats in which something was sent over a pipe and nothing came back, until it is given up. Default 20, which are 8 s. */
  unansweredMax?: number;
};

/** What of the edges is to be seen from outside. */
export type EdgeState = { url: string; isUp: boolean; trouble: string | null; sessions: number; rooms: number };
export type SfuWithEdges = Sfu & {
  edges(): EdgeState[];
  /** That link is one of ours: an edge that hears it is this process itself. */
  hasLink(linkId: string): boolean;
};

type SessionVerb = 'connect' | 'consume' | 'resume' | 'layers' | 'restartIce' | 'patch' | 'end';
type OfSession = { roomId: string; sessionId: string };

/** Edges that are asked to take one viewer, one after the other: whoever waits for the answer has not all day. Then home is. */
const triesMax = 2;
/** How busy home is, is looked at no less often. */
const lookEveryMs = 1_000;
/** A share of what a media server may carry, of home or an edge: it takes viewers while there is one that is not full, and up to `overfull`. */
const full = 1;
/** Sessions placed elsewhere. Beyond: they stay at home, or are refused. */
const placedMax = 500_000;

/**
 * A media server and others that carry viewers for it, as one. Gateways know this one alone, and so does each room: who publishes, what
 * flows and who is muted is decided and known here. An edge has viewers, and of a room what it gets from here.
 */
export function withEdges({
  home,
  addresses,
  listenInfo,
  log,
  nowMs,
  homeLoad,
  lingerMs = 5_000,
  leftOutMs = 30_000,
  unansweredMax,
}: Needs): SfuWithEdges {
  const listeners = new Set<(event: MediaEvent) => void>();
  /** Where the sessions are that are not here. */
  const placed = new Map<string, { session: Placed; site: Site }>();
  const ends = createEnds();
  const told = createGroups<MediaEvent>(tell);
  const sites = addresses.map((address) =>
    createSite({
      address,
      listenInfo,
      log,
      nowMs,
      lingerMs,
      leftOutMs,
      unansweredMax,
      tell,
      published: publishedHere,
      onEnded({ sessionId, roomId, ownerId }, reason) {
        placed.delete(sessionId);
        ends.note(sessionId, reason);
        const ended = { roomId, sessionId, ownerId, direction: 'watch', endedKeyId: null, reason } as const;
        // Whoever hears that begins anew at once.
        if (reason === 'worker-died') told.add({ type: 'closed', ...ended });
        else tell({ type: 'closed', ...ended });
      },
    }),
  );
  // Also while nobody comes: what viewers are sent is known then when the next one does.
  const looking = setInterval(homeLoad, lookEveryMs);
  // Before anybody else: whoever hears of a stream and asks an edge for it must find it there.
  const stopListening = home.listen((event) => {
    if (event.type === 'streams' || event.type === 'publishers')
      sites.forEach((site) => site.streamsChanged(event.roomId));
    tell(event);
  });

  return {
    ...home,
    open: (input) => (input.direction === 'watch' ? place('open', input) : home.open(input)),
    // Without a stream there is no answer to an offer, here or elsewhere.
    play: (input) => (publishedHere(input.roomId).length > 0 ? place('play', input) : home.play(input)),
    connect: (input) => ask('connect', input),
    consume: (input) => ask('consume', input),
    resume: (input) => ask('resume', input),
    layers: (input) => ask('layers', input),
    restartIce: (input) => ask('restartIce', input),
    patch: (input) => ask('patch', input),
    end: (input) => ask('end', input),

    async endAll(input) {
      const isOfPublishers = input.direction === 'publish' || input.keyId !== undefined;
      const elsewhere = isOfPublishers ? [] : sites;
      const done = await Promise.allSettled([home.endAll(input), ...elsewhere.map((site) => site.endAll(input))]);
      const failed = done.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason as Error;
      return { ended: done.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value.ended : 0), 0) };
    },
    async rooms(input) {
      const { rooms } = await home.rooms(input);
      const known = new Set(rooms.map(({ roomId }) => roomId));
      const others = new Set(sites.flatMap((site) => [...site.rooms()]).filter((roomId) => !known.has(roomId)));
      return { rooms: [...rooms, ...Array.from(others, (roomId) => ({ roomId, publishers: [], publishing: [] }))] };
    },
    async watching({ after, max }) {
      const { sessions } = await home.watching({ after, max });
      const all = [...sessions, ...placedAfter(after, max)].sort((one, other) => one.number - other.number);
      return { sessions: all.slice(0, max) };
    },
    async ended({ sessions }) {
      const { ended } = await home.ended({ sessions: sessions.filter(({ sessionId }) => !placed.has(sessionId)) });
      return { ended: ended.map((each) => ({ ...each, reason: ends.known(each.sessionId) ?? each.reason })) };
    },

    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    edges: () =>
      sites.map((site) => ({
        url: site.url,
        isUp: site.isUp(),
        trouble: site.trouble(),
        sessions: site.sessions(),
        rooms: [...site.rooms()].length,
      })),
    hasLink: (linkId) => sites.some((site) => site.hasLink(linkId)),
    close(): void {
      clearInterval(looking);
      told.close();
      for (const site of sites) site.close();
      home.close();
      stopListening();
    },
  };

  /**
   * Opens a session that watches where there is most room for it; an edge that can't after all is left out.
   * @throws AppError what the last one said; RATE_LIMITED when none could be asked
   */
  async function place<V extends 'open' | 'play'>(verb: V, input: VerbInput<V>): Promise<VerbOutput<V>> {
    const { roomId, sessionId, ownerId } = input;
    const tried = new Set<Site>();
    let refusal: unknown = noPlace('No media server has room for one viewer more.');
    for (;;) {
      const site = chooseFor(roomId, tried);
      const rooms = home.running()?.rooms;
      if (site === 'nowhere') throw refusal;
      if (site === 'home' || !rooms) return home[verb](input as never) as Promise<VerbOutput<V>>;
      tried.add(site);
      const session = { roomId, sessionId, ownerId, number: rooms.nextNumber(), isOpen: false };
      placed.set(sessionId, { session, site });
      try {
        return await site.open(verb, input, session);
      } catch (error) {
        if (placed.get(sessionId)?.session === session) placed.delete(sessionId);
        if (!isOfHost(error)) throw error;
        refusal = error;
      }
    }
  }

  /**
   * Home as long as it has room; then an edge that has, the one that has the room already rather than another; then wherever there is
   * least to do. Home refuses by itself who is too many: it tells the handshakes of a rush from what lasts.
   */
  function chooseFor(roomId: string, tried: ReadonlySet<Site>): Site | 'home' | 'nowhere' {
    const inRoom = home.running()?.rooms.find(roomId)?.sessions().size ?? 0;
    const atHome = inRoom < mediaProcessLimits.viewersPerRoomMax ? homeLoad() : Infinity;
    if (atHome === null || atHome < full) return 'home';
    const mayTry = placed.size < placedMax && tried.size < triesMax;
    const able = mayTry ? sites.filter((site) => !tried.has(site) && site.canCarry(roomId)) : [];
    const roomy = able.filter((site) => site.load()! < full);
    const best = leastLoaded(roomy.filter((site) => site.has(roomId))) ?? leastLoaded(roomy) ?? leastLoaded(able);
    if (best && best.load()! < Math.max(full, Math.min(atHome, overfull))) return best;
    return atHome < Infinity ? 'home' : 'nowhere';
  }

  function ask<V extends SessionVerb>(verb: V, input: VerbInput<V> & OfSession): Promise<VerbOutput<V>> {
    const known = placed.get(input.sessionId);
    if (known?.session.roomId === input.roomId) return known.site.ask(verb, input);
    return home[verb](input as never) as Promise<VerbOutput<V>>;
  }

  /** What comes from another media server is sent no further. */
  function publishedHere(roomId: string): Published[] {
    const room = home.running()?.rooms.find(roomId);
    return room && !room.isRelayed() ? room.published() : [];
  }

  /** They were placed in the order of their numbers. */
  function placedAfter(after: number, max: number): Omit<Placed, 'isOpen'>[] {
    const found: Omit<Placed, 'isOpen'>[] = [];
    for (const { session } of placed.values()) {
      if (found.length === max) break;
      if (session.number <= after) continue;
      const { isOpen: _isOpen, ...named } = session;
      found.push(named);
    }
    return found;
  }

  function tell(event: MediaEvent): void {
    for (const hear of listeners) hear(event);
  }
}

const leastLoaded = (sites: readonly Site[]): Site | undefined =>
  sites.toSorted((one, other) => one.load()! - other.load()!)[0];

/** Another host may well do it: this one is away, ill, starts again, or has too many sessions or handshakes. Not so what one person has too much of. */
const isOfHost = (error: unknown): boolean =>
  error instanceof AppError &&
  ['UNAVAILABLE', 'INTERNAL', 'RETRY', 'RATE_LIMITED'].includes(error.code) &&
  error.extras.reason !== 'too-many';
