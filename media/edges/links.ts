import type { TransportListenInfo } from 'mediasoup/types';
import { AppError } from '../../shared/errors.ts';
import type { MediaEvent, MediaVerbs } from '../../shared/media-link.ts';
import { setNewest } from '../../shared/newest.ts';
import type { Load } from '../load.ts';
import type { MediaLog } from '../log.ts';
import type { Inflow } from '../room/inflow.ts';
import type { Sfu } from '../sfu.ts';
import { eventsPerBeatMax, linkSilentMs, type LinkEvent, type LinkVerbs } from './link-verbs.ts';

type Needs = {
  /** Of this process alone: what is relayed here is relayed no further. */
  sfu: Sfu;
  load: Pick<Load, 'now' | 'perViewer'>;
  /** That link is one of this process itself, which was named among its own edges. */
  isOwn?: (linkId: string) => boolean;
  /** Where pipes of other media servers end. */
  listenInfo: () => TransportListenInfo;
  nowMs: () => number;
  log: MediaLog;
};

/** A room that is at home on another media server. */
type Relayed = { link: Link; number: number; roomId: string; inflow: Inflow };
type Link = {
  id: string;
  /** Larger than that of any link begun before. */
  order: number;
  heardAtMs: number;
  relays: Map<number, Relayed>;
  /** Numbers that the latest beat named, and the largest there was then. */
  listed: ReadonlySet<number>;
  lastRelay: number;
  events: { number: number; event: LinkEvent }[];
  eventsSoFar: number;
  qualities: Map<string, MediaEvent>;
};

/** Media servers that use this one at a time, and links of theirs that are just ending. Beyond: refused. */
const linksMax = 32;
/** Ends that wait to be heard: more than there are sessions. Beyond: the link ends, and home begins anew. */
const eventsMax = 200_000;
const sweepEveryMs = 500;
/** Links that are remembered to be over, the latest ones. */
const oversMax = 1_000;

export type Links = ReturnType<typeof createLinks>;

/**
 * The links over which other media servers have their viewers carried here. A link is a lease: all that is held under it ends when
 * home is not heard any more, has begun another one, or no longer names it. So nothing of a home that died stays.
 */
export function createLinks({ sfu, load, isOwn = () => false, listenInfo, nowMs, log }: Needs) {
  const links = new Map<string, Link>();
  const byRoom = new Map<string, Relayed>();
  /** Links that have ended: a beat that comes late begins none of them again. */
  const over = new Map<string, true>();
  let linksSoFar = 0;
  let closed = false;
  /** Only while there are links. */
  let stopWatching: (() => void) | null = null;

  const verbs: LinkVerbs = {
    async beat({ linkId, beat, over: before, seen, relays, lastRelay }) {
      if (closed) throw new AppError('UNAVAILABLE', 'This media server is stopping.');
      if (isOwn(linkId))
        throw new AppError(
          'CONFLICT',
          'NIGHTMARKET_MEDIA_EDGES of this media server names itself; it is no edge of its own.',
        );
      if (before !== null) endLink(before, 'home has begun another link');
      if (over.has(linkId))
        return { link: 'over', load: null, loadPerViewer: 0, starved: [], events: [], qualities: [] };
      const known = links.get(linkId);
      const link = known ?? beginLink(linkId);
      link.heardAtMs = nowMs();
      link.events = link.events.filter(({ number }) => number > seen);
      link.listed = new Set(relays);
      link.lastRelay = Math.max(link.lastRelay, lastRelay);
      for (const relayed of link.relays.values()) {
        if (relayed.number <= lastRelay && !link.listed.has(relayed.number)) end(relayed);
      }
      const starved = await starvedOf(link, beat);
      const qualities = [...link.qualities.values()];
      link.qualities.clear();
      const events = link.events.slice(0, eventsPerBeatMax);
      const [loadNow, loadPerViewer] = [load.now(), load.perViewer()];
      return { link: known ? 'known' : 'new', load: loadNow, loadPerViewer, starved, events, qualities };
    },

    async relay({ linkId, relay, roomId, room }) {
      const link = links.get(linkId);
      const relayed = link?.relays.get(relay) ?? begin(link, relay, roomId);
      return { pipe: await relayed.inflow.set(room) };
    },
  };

  return {
    verbs,
    /**
     * What may be asked for a relayed room, by the home that has it here.
     * @param name `<link>.<relay>`
     * @throws AppError RETRY when it is not here (any more)
     */
    sfuOf(name: unknown, roomId: unknown): MediaVerbs {
      const relayed = byRoom.get(String(roomId));
      if (!relayed || `${relayed.link.id}.${relayed.number}` !== name) throw gone();
      return sfu;
    },
    close(): void {
      closed = true;
      for (const id of [...links.keys()]) endLink(id, 'we are stopping');
    },
  };

  function beginLink(id: string): Link {
    if (links.size >= linksMax) throw new AppError('RATE_LIMITED', 'Too many media servers use this one.');
    linksSoFar += 1;
    const link: Link = {
      id,
      order: linksSoFar,
      heardAtMs: nowMs(),
      relays: new Map(),
      listed: new Set(),
      lastRelay: 0,
      events: [],
      eventsSoFar: 0,
      qualities: new Map(),
    };
    links.set(id, link);
    stopWatching ??= watch();
    log.info({ link: id }, 'another media server has its viewers carried here');
    return link;
  }

  /** @throws AppError RETRY for what comes too late, UNAVAILABLE without a worker, CONFLICT when the room is at home here */
  function begin(link: Link | undefined, number: number, roomId: string): Relayed {
    if (!link || (number <= link.lastRelay && !link.listed.has(number))) throw gone();
    const running = sfu.running();
    if (!running) throw new AppError('UNAVAILABLE', 'Media is not ready here.');
    const before = byRoom.get(roomId);
    // Of two homes that began one after the other the later one is there.
    if (before && before.link.order > link.order) throw new AppError('CONFLICT', 'Another media server has this room.');
    if (before) endByItself(before);
    const listensAt = listenInfo(); // First: should it throw, there must be no room that nobody ends.
    const inflow = running.rooms.take(roomId).relay(listensAt, () => endByItself(relayed));
    const relayed: Relayed = { link, number, roomId, inflow };
    link.relays.set(number, relayed);
    byRoom.set(roomId, relayed);
    return relayed;
  }

  /** Home can't know it yet. */
  function endByItself(relayed: Relayed): void {
    end(relayed);
    tell(relayed.link, { type: 'relay-ended', relay: relayed.number });
  }

  /** Its sessions first: they must not look as if they were at home here. */
  function end(relayed: Relayed): void {
    const { link, number, roomId, inflow } = relayed;
    if (link.relays.get(number) !== relayed) return;
    link.relays.delete(number);
    byRoom.delete(roomId);
    for (const session of [...(sfu.running()?.rooms.find(roomId)?.sessions().values() ?? [])])
      session.close('worker-died');
    inflow.close();
  }

  function endLink(id: string, why: string): void {
    setNewest(over, id, true, oversMax);
    const link = links.get(id);
    if (!link) return;
    links.delete(id);
    log.info(
      { link: id, relays: link.relays.size, why },
      'no viewers of another media server are carried here any more',
    );
    for (const relayed of [...link.relays.values()]) end(relayed);
    if (links.size > 0) return;
    stopWatching?.();
    stopWatching = null;
  }

  function watch(): () => void {
    const stopListening = sfu.listen(hear);
    const sweeping = setInterval(sweep, sweepEveryMs);
    return () => {
      stopListening();
      clearInterval(sweeping);
    };
  }

  function sweep(): void {
    for (const link of [...links.values()]) {
      if (nowMs() - link.heardAtMs > linkSilentMs) endLink(link.id, 'home is silent');
      else if (link.events.length > eventsMax) endLink(link.id, 'home hears nothing');
    }
  }

  function hear(event: MediaEvent): void {
    if (event.type !== 'closed' && event.type !== 'quality' && event.type !== 'lost') return;
    const link = byRoom.get(event.roomId)?.link;
    if (!link) return;
    if (event.type === 'quality') link.qualities.set(event.consumerId, event);
    else if (event.type === 'lost') tell(link, event);
    else tell(link, { type: 'closed', roomId: event.roomId, sessionId: event.sessionId, reason: event.reason });
  }

  function tell(link: Link, event: LinkEvent): void {
    link.eventsSoFar += 1;
    link.events.push({ number: link.eventsSoFar, event });
  }

  async function starvedOf({ relays }: Link, beat: number) {
    const looked = await Promise.all(
      [...relays.values()].map(async ({ number: relay, inflow }) => {
        const since = await inflow.starvedSince(beat);
        return since === null ? null : { relay, since };
      }),
    );
    return looked.filter((starved) => starved !== null);
  }
}

const gone = (): AppError => new AppError('RETRY', 'This room is not relayed here.', { retryAfterMs: 300 });
