import { AppError } from '../../../shared/errors.ts';
import type { Aggregates, Position } from '../../../shared/protocol/room.ts';
import { createFeed, type Encoded, type Feed, type FeedClock, type Member } from './feed.ts';
import type { FeedCounts } from './feed-metrics.ts';
import { createHistory } from './history.ts';
import type { LogEntry } from './log-line.ts';
import type { LogEnd, LogStore } from './log-store.ts';

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
/** Batches that arrive while a jump is filled: at most these are kept, the rest is read again. */
const heldMax = 64;

type Served = { feed: Feed; filling: boolean; held: [string, LogEntry[]][]; linger: (() => void) | null };

export type Feeds = ReturnType<typeof createFeeds>;

/**
 * The rooms this gateway serves. Subscribes to a room when its first member comes, gives up some time after the last left,
 * and mends what the subscription missed: a jump in offsets at once, silence at the next check.
 */
export function createFeeds({ store, source, encode, counts, clock, onEntries, onError }: Needs) {
  const served = new Map<string, Served>();
  const opening = new Map<string, Promise<Served>>();
  const history = createHistory({ store, max: missedMax });

  return {
    /** Serves a room from now on. */
    open: async (roomId: string): Promise<Feed> => (await open(roomId)).feed,
    missedSince,
    /**
     * Lets a member in, at the position it returns: everything up to there was sent before, everything after it comes in
     * frames. `position`: where the member stood; nobody is sent back to before that. What `memberAt` throws, this throws, and
     * nobody was let in.
     */
    admit(feed: Feed, position: Position | undefined, memberAt: (at: Position) => Member): Position {
      const room = served.get(feed.roomId);
      if (room?.feed !== feed) throw new AppError('RETRY', 'The room was closed on this server.');
      // Another gateway may have been a frame ahead of this one.
      if (position && feed.sent.offset < position.offset) feed.flush();
      feed.members.add(memberAt(feed.sent));
      room.linger?.();
      room.linger = null;
      return feed.sent;
    },
    leave(roomId: string, member: Member): void {
      const room = served.get(roomId);
      if (room?.feed.members.delete(member)) linger(room);
    },
    served: (roomId: string): Feed | undefined => served.get(roomId)?.feed,
    /** How much this gateway serves. */
    size(): { rooms: number; members: number } {
      let members = 0;
      for (const { feed } of served.values()) members += feed.members.size;
      return { rooms: served.size, members };
    },

    onBatch(roomId: string, epoch: string, entries: LogEntry[]): void {
      const room = served.get(roomId);
      if (room) take(room, epoch, entries);
    },
    onAggregates(roomId: string, values: Aggregates): void {
      served.get(roomId)?.feed.setAggregates(values);
    },
    /** Compares all rooms with the log: what pub/sub lost without a trace shows here. */
    async check(): Promise<void> {
      const rooms = [...served.values()];
      const ends = rooms.length === 0 ? [] : await store.ends(rooms.map(({ feed }) => feed.roomId));
      rooms.forEach(({ feed }, i) => {
        const end = ends[i];
        if (end?.epoch !== feed.epoch || end.offset > feed.headOffset) fill(feed.roomId);
      });
    },
    close(): void {
      for (const { feed, linger } of served.values()) {
        linger?.();
        feed.close();
      }
      served.clear();
    },
  };

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
    const feed = createFeed({ roomId, end, recent, aggregates, encode, counts, clock });
    const room: Served = { feed, filling: false, held: [], linger: null };
    served.set(roomId, room);
    fill(roomId); // What was appended between reading the end and being here.
    return linger(room);
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
    if (epoch !== feed.epoch || entries[0]!.offset > feed.headOffset + 1) return fill(feed.roomId);
    receive(feed, entries);
  }

  function receive(feed: Feed, entries: readonly LogEntry[]): void {
    onEntries(
      feed.roomId,
      entries.filter(({ offset }) => offset > feed.headOffset),
    );
    feed.receive(entries);
  }

  /** Reads what is missing between the head of a feed and the end of the log. */
  function fill(roomId: string): void {
    const room = served.get(roomId);
    if (!room || room.filling) return;
    room.filling = true;
    fillOnce(room.feed)
      .catch((error: unknown) => onError(error, roomId))
      .finally(() => {
        room.filling = false;
        for (const [epoch, entries] of room.held.splice(0)) take(room, epoch, entries);
      });
  }

  async function fillOnce(feed: Feed): Promise<void> {
    const end = await endOf(feed.roomId);
    const continues = feed.startIn({ epoch: feed.epoch, offset: feed.headOffset }) !== null && end.epoch === feed.epoch;
    const entries = continues ? await store.entriesAfter(feed.roomId, feed.headOffset, missedMax) : [];
    const dense = entries.length === 0 || entries[0]!.offset === feed.headOffset + 1;
    if (continues && dense && end.offset - feed.headOffset <= missedMax) return receive(feed, entries);
    const recent = await history.last(feed.roomId, end.offset);
    onEntries(feed.roomId, recent);
    feed.restart(end, recent);
  }

  /** What a position misses, to be taken in the turn in which the member enters; null when it can't be told any more. */
  async function missedSince(feed: Feed, position: Position): Promise<(() => LogEntry[] | null) | null> {
    if (position.epoch === feed.epoch && position.offset > feed.headOffset) await fillOnce(feed);
    const near = feed.since(position);
    if (near === false) return null;
    if (near) return () => feed.since(position) || null;
    const start = feed.startIn(position)!;
    const old = await history.after(feed.roomId, start);
    // Too much, or trimmed: asking again would change nothing.
    return joined(old, start, feed) && (() => joined(old, start, feed));
  }

  /** Entries read from the log, followed by those that the feed has sent since. */
  function joined(old: readonly LogEntry[], start: number, feed: Feed): LogEntry[] | null {
    const from = old.at(-1)?.offset ?? start;
    const rest = feed.since({ epoch: feed.epoch, offset: from });
    const dense = old[0]?.offset === start + 1;
    if (!dense || !rest || old.length + rest.length > missedMax) return null;
    return [...old.filter(({ offset }) => offset <= feed.sent.offset), ...rest];
  }
}
