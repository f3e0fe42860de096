import { AppError } from '../../../shared/errors.ts';
import type { Aggregates, Position } from '../../../shared/protocol/room.ts';
import { groupsOf } from '../../platform/each-of.ts';
import { createFeed, type Encoded, type Feed, type FeedClock, type Member } from './feed.ts';
import type { FeedCounts } from './feed-metrics.ts';
import { createHistory } from './history.ts';
import type { LogEntry } from './log-line.ts';
import { keptUpTo, type LogEnd, type LogStore } from './log-store.ts';

/** Where batches of the rooms served come from. */
export type FeedSource = { subscribe(roomId: string): Promise<void>; unsubscribe(roomId: string): Promise<void> };

type Needs = {
  store: LogStore;
  source: FeedSource;
  encode: (json: string) => Encoded;
  counts: FeedCounts;
  clock: FeedClock;
  /** Hears every entry of the rooms served, before the members do. */
  onEntries: (roomId: string, entries: readonly LogEntry[]) => void;
  /** Something went wrong in the background; the next check mends it. */
  onError: (error: unknown, roomId: string) => void;
};

/** Rooms one gateway serves at a time. */
const feedsMax = 20_000;
/** A room with nobody in it stays open this long, ms: people who reload come back to it, and who is on the way in needs a moment. */
const lingerMs = 10_000;
/** Entries a returning client gets; who missed more begins from a snapshot. */
const missedMax = 2_000;
/** Bytes of such entries, about: one answer, or one frame, must not be more than its reader may leave unread. @see unreadBytesMax */
const missedBytesMax = 768 * 1024;
/** Entries read at a time: one more shows that too much was missed. */
const pageMax = missedMax + 1;
/** Entries that may come in while those that were missed are read. */
const sinceReadMax = 500;
/** Rooms compared with what is kept in one call. */
const checkedMax = 250;
/** Batches that arrive while a jump is filled: at most these are kept, the rest is read again. */
const heldMax = 64;

type Served = {
  feed: Feed;
  /** What the log has and the feed has not is being read. */
  filling: Promise<void> | null;
  /** Batches that came meanwhile. */
  held: [string, LogEntry[]][];
  /** How often aggregates were heard. */
  aggregatesHeard: number;
  linger: (() => void) | null;
};

/** What a join costs a gateway, ms, generously; so long those who all have to come again are spread, and never longer than the maximum. */
const joinCostMs = 0.5;
const rejoinSpreadMaxMs = 10_000;

export type Feeds = ReturnType<typeof createFeeds>;

/**
 * The rooms this gateway serves. Subscribes to a room when its first member comes, gives up some time after the last left,
 * and mends what the subscription missed: a jump in offsets at once, silence at the next check.
 */
export function createFeeds({ store, source, encode, counts, clock, onEntries, onError }: Needs) {
  const served = new Map<string, Served>();
  const opening = new Map<string, Promise<Served>>();
  let members = 0;
  const history = createHistory({ store, max: missedMax + sinceReadMax });

  return {
    /** Serves a room from now on. */
    open: async (roomId: string): Promise<Feed> => (await open(roomId)).feed,
    missedSince,
    /**
     * Lets a member in, at the position it returns: everything up to there was sent before, everything after it comes in
     * frames. `recovered`: where a member stood that missed nothing, or is told what; nobody is sent back to before that. What
     * `memberAt` throws, this throws, and nobody was let in.
     */
    admit(feed: Feed, recovered: Position | undefined, memberAt: (at: Position) => Member): Position {
      const room = roomOf(feed);
      const at = recovered ? feed.placeOf(recovered) : feed.sent;
      feed.members.add(memberAt(at));
      members += 1;
      room.linger?.();
      room.linger = null;
      return at;
    },
    leave(roomId: string, member: Member): void {
      const room = served.get(roomId);
      if (!room?.feed.members.delete(member)) return;
      members -= 1;
      linger(room);
    },
    served: (roomId: string): Feed | undefined => served.get(roomId)?.feed,
    /** How much this gateway serves. */
    size: (): { rooms: number; members: number } => ({ rooms: served.size, members }),

    onBatch(roomId: string, epoch: string, entries: LogEntry[]): void {
      const room = served.get(roomId);
      if (room) take(room, epoch, entries);
    },
    onAggregates(roomId: string, values: Aggregates): void {
      const room = served.get(roomId);
      if (!room) return;
      room.aggregatesHeard += 1;
      room.feed.setAggregates(values);
    },
    /** Compares all rooms with what is kept: what pub/sub lost without a trace shows here. */
    async check(): Promise<void> {
      for (const rooms of groupsOf([...served.values()], checkedMax)) await compare(rooms);
    },
    close(): void {
      for (const { feed, linger } of served.values()) {
        linger?.();
        feed.close();
      }
      served.clear();
    },
  };

  async function compare(rooms: readonly Served[]): Promise<void> {
    const heard = rooms.map(({ aggregatesHeard }) => aggregatesHeard);
    const states = await store.states(rooms.map(({ feed }) => feed.roomId));
    rooms.forEach((room, i) => {
      const { end, aggregates } = states[i]!;
      if (end?.epoch !== room.feed.epoch || end.offset > room.feed.headOffset) fillSoon(room);
      // What was heard while we read is newer.
      if (room.aggregatesHeard === heard[i]) room.feed.setAggregates(aggregates);
      room.feed.remind();
    });
  }

  async function open(roomId: string): Promise<Served> {
    const room = served.get(roomId);
    if (room) return linger(room);
    if (served.size + opening.size >= feedsMax)
      throw new AppError('UNAVAILABLE', 'This server has too many rooms open.');
    const started = opening.get(roomId) ?? start(roomId);
    opening.set(roomId, started);
    return started.finally(() => opening.delete(roomId));
  }

  async function start(roomId: string): Promise<Served> {
    try {
      return await serve(roomId);
    } catch (error) {
      source.unsubscribe(roomId).catch((failure: unknown) => onError(failure, roomId));
      throw error;
    }
  }

  /** Subscribes first and reads then, so that nothing falls between the two. */
  async function serve(roomId: string): Promise<Served> {
    await source.subscribe(roomId);
    const end = await endOf(roomId);
    const [recent, aggregates] = await Promise.all([history.last(roomId, end.offset), store.aggregates(roomId)]);
    const feed = createFeed({ roomId, end, recent, aggregates, encode, counts, clock, rejoinSpreadMs });
    const room: Served = { feed, filling: null, held: [], aggregatesHeard: 0, linger: null };
    served.set(roomId, room);
    fillSoon(room); // What was appended between reading the end and being here.
    return linger(room);
  }

  /** Where one room is cut off, all are, most likely. */
  function rejoinSpreadMs(): number {
    return Math.min(rejoinSpreadMaxMs, Math.ceil(members * joinCostMs));
  }

  /** The end of the log; begins one where there is none, so that every position has an epoch. */
  async function endOf(roomId: string): Promise<LogEnd> {
    await store.append(roomId, []);
    const end = await store.end(roomId);
    if (!end) throw new AppError('RETRY', 'The room log is not available this moment.');
    return end;
  }

  /** A room that nobody is in is given up after a while, also when those who were about to enter never do. */
  function linger(room: Served): Served {
    if (room.feed.members.size > 0) return room;
    room.linger?.();
    room.linger = clock.after(lingerMs, () => give(room.feed.roomId));
    return room;
  }

  function give(roomId: string): void {
    served.get(roomId)?.feed.close();
    served.delete(roomId);
    source.unsubscribe(roomId).catch((error: unknown) => onError(error, roomId));
  }

  function take(room: Served, epoch: string, entries: LogEntry[]): void {
    const { feed } = room;
    if (room.filling) {
      if (room.held.length < heldMax) room.held.push([epoch, entries]);
      return;
    }
    if (epoch !== feed.epoch || entries[0]!.offset > feed.headOffset + 1) return fillSoon(room);
    receive(feed, entries);
  }

  function receive(feed: Feed, entries: readonly LogEntry[]): void {
    onEntries(
      feed.roomId,
      entries.filter(({ offset }) => offset > feed.headOffset),
    );
    feed.receive(entries);
  }

  /** The room of a feed that somebody got a moment ago. @throws AppError RETRY when nobody is left in it. */
  function roomOf(feed: Feed): Served {
    const room = served.get(feed.roomId);
    if (room?.feed !== feed) throw new AppError('RETRY', 'The room was closed on this server.');
    return room;
  }

  function fillSoon(room: Served): void {
    fill(room).catch((error: unknown) => onError(error, room.feed.roomId));
  }

  /** Reads what is missing between the head of a feed and the end of the log. One reads at a time, for all who ask meanwhile. */
  function fill(room: Served): Promise<void> {
    return (room.filling ??= fillOnce(room.feed).finally(() => {
      room.filling = null;
      for (const [epoch, entries] of room.held.splice(0)) take(room, epoch, entries);
    }));
  }

  /** Nothing else moves the feed meanwhile: batches wait until this is done. */
  async function fillOnce(feed: Feed): Promise<void> {
    const { roomId, epoch, headOffset } = feed;
    const end = await endOf(roomId);
    if (end.epoch === epoch && end.offset <= headOffset) return;
    const known = keptUpTo({ epoch, offset: headOffset }, end) ?? 0;
    const missed = await store.entriesAfter(roomId, known, pageMax);
    const follows = end.epoch === epoch && missed[0]?.offset === known + 1;
    if (follows && missed.length <= missedMax && isShort(missed)) receive(feed, missed);
    else await startAgain(feed, end, missed);
  }

  /** Goes on at the end of the log: in another life of it, or because too much was missed for frames. Listeners miss nothing. */
  async function startAgain(feed: Feed, end: LogEnd, missed: readonly LogEntry[]): Promise<void> {
    const { roomId } = feed;
    let { offset } = end;
    for (let page = missed; page.length > 0; page = await store.entriesAfter(roomId, offset, pageMax)) {
      onEntries(roomId, page);
      offset = page.at(-1)!.offset;
    }
    feed.restart({ ...end, offset }, await history.last(roomId, offset));
  }

  /** What a position misses, to be taken in the turn in which the member enters; null when it can't be told any more. */
  async function missedSince(feed: Feed, position: Position): Promise<(() => LogEntry[] | null) | null> {
    const room = roomOf(feed);
    const isAhead = () => position.epoch === feed.epoch && position.offset > feed.headOffset;
    // What is being read already may have been asked for before that entry was there.
    if (isAhead()) await room.filling;
    if (isAhead()) await fill(room);
    const near = feed.since(position);
    if (near === false) return null;
    if (near) return isShort(near) ? () => feed.since(position) || null : null;
    const start = feed.startIn(position)!;
    // Too much, or trimmed: asking again would change nothing.
    if (feed.sent.offset - start > missedMax) return null;
    const { epoch } = feed;
    const old = await history.after(feed.roomId, start);
    const now = () => (feed.epoch === epoch ? joined(old, start, feed) : null);
    return now() && now;
  }

  /** Entries read from the log, followed by those that the feed has sent since. */
  function joined(old: readonly LogEntry[], start: number, feed: Feed): LogEntry[] | null {
    // The log may be ahead of what was heard of it.
    const from = Math.min(old.at(-1)?.offset ?? start, feed.headOffset);
    const rest = feed.since({ epoch: feed.epoch, offset: from });
    const dense = old[0]?.offset === start + 1;
    if (!dense || !rest || old.length + rest.length > missedMax || !isShort(old)) return null;
    return [...old.filter(({ offset }) => offset <= feed.sent.offset), ...rest];
  }
}

/** What stands around a body in an answer, bytes. */
const entryBytes = 80;

function isShort(entries: readonly LogEntry[]): boolean {
  let bytes = 0;
  for (const { body } of entries) bytes += Buffer.byteLength(body) + entryBytes;
  return bytes <= missedBytesMax;
}
