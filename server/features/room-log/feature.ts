import { Counter } from 'prom-client';
import { roomEvents, type RoomEventName } from '../../../shared/protocol/index.ts';
import type { RoomEntry } from '../../../shared/protocol/room.ts';
import { encodeMessage } from '../../gateway/frames.ts';
import { createDamper } from '../../platform/log.ts';
import type { Platform } from '../../platform/platform.ts';
import { createAppendQueue } from './append-queue.ts';
import { createArchive, type ArchivePlace } from './archive.pg.ts';
import { createArchiving } from './archiving.ts';
import { createEntryListeners } from './entry-listeners.ts';
import { createFeedChannel } from './feed-channel.redis.ts';
import { createFeedMetrics } from './feed-metrics.ts';
import type { Feed } from './feed.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { findIn } from './frame-text.ts';
import { createFrameClock, type FrameWindow } from './frame-clock.ts';
import { keptUpTo } from './log-store.ts';
import { createLogStore, feedChannel } from './log-store.redis.ts';
import { createAggregateQueue } from './aggregate-queue.ts';
import type { LineTail, LogEntry } from './log-line.ts';
import { createNews } from './news.redis.ts';
import { createPersist } from './persist.ts';
import { createSignals } from './signals.ts';
import type { AppendOptions, Position, RoomLog } from './room-log.ts';

export type RoomLogSettings = {
  /** Chat entries of one room shown per second; more are thinned, the same for everybody. */
  chatPerSecondMax: number;
  frameWindow: FrameWindow;
  /** How long the archive keeps entries. */
  retentionDays: number;
};

/** How often a gateway compares the rooms it serves with the log. */
const checkEveryMs = 3_000;
const archiveEveryMs = 1_000;
/** Aggregates of every room fail while Redis is away: time between two lines about it, ms. */
const tellUnsentEveryMs = 1_000;
const deleteEveryMs = 3_000;
/** Entries of the log searched for an id before the archive is asked: what the archive may not have yet. */
const searchedMax = 500;
/** Entries looked through for what takes others back and is not archived yet. */
const unarchivedMax = 5_000;

export function createRoomLogFeature(platform: Platform, settings: RoomLogSettings) {
  const { redis, log, lifecycle, nowMs } = platform;
  const news = createNews(redis.commands, { name: 'log:news', nowMs });
  const { chatPerSecondMax } = settings;
  const store = createLogStore(redis.commands, { chatPerSecondMax, onAppend: news.note });
  const append = createAppendQueue(store);
  const listeners = createEntryListeners();
  const signals = createSignals(store.signal);

  const feeds: Feeds = createFeeds({
    store,
    source: createFeedChannel(redis.subscriber, {
      onBatch: (...batch) => feeds.onBatch(...batch),
      onAggregates: (...values) => feeds.onAggregates(...values),
      onSignal: (...signal) => signals.hear(...signal),
      onGap: () => void feeds.check().catch((error: unknown) => log.warn({ err: error }, 'room check failed')),
    }),
    encode: (json) => encodeMessage('room:frame', json),
    counts: createFeedMetrics(platform.metrics, () => feeds.size()),
    clock: createFrameClock(nowMs, settings.frameWindow, lifecycle),
    onEntries: listeners.hear,
    onError: (error, roomId) => log.warn({ err: error, roomId }, 'room feed fell behind'),
  });
  lifecycle.onClose('room feeds', feeds.close);
  platform.every({ name: 'room feeds', everyMs: checkEveryMs, role: 'gateway', run: feeds.check });

  const archive = createArchive(platform.db);
  const lost = new Counter({
    name: 'nightmarket_room_archive_lost_total',
    help: 'Entries that room logs forgot before the archive took them.',
    registers: [platform.metrics],
  });
  const archiving = createArchiving({
    store,
    news,
    archive,
    retentionDays: settings.retentionDays,
    onLost(roomId, entries) {
      lost.inc(entries);
      log.error({ roomId, entries }, 'the log forgot entries before the archive took them');
    },
    onError: (error, roomId) => log.warn({ err: error, roomId }, 'room not archived; it is tried again'),
  });
  platform.every({ name: 'archive rooms', everyMs: archiveEveryMs, exclusive: true, run: archiving.takeNews });
  platform.every({ name: 'forget old logs', everyMs: deleteEveryMs, exclusive: true, run: archiving.deleteOld });

  const damped = createDamper(tellUnsentEveryMs);
  const roomLog: RoomLog = {
    async append(roomId, kind, body, options = {}) {
      const tail = tailFor(kind, JSON.stringify(body), options);
      const { clientKey, unlessSilenced = false } = options;
      const appended = await append(roomId, { tail, clientKey, unlessSilenced });
      if (tail.redacts.length > 0) await archive.redact(roomId, appended, tail.redacts);
      return appended;
    },
    setAggregate: createAggregateQueue({
      send: store.setAggregates,
      after: (ms, run) => setTimeout(run, ms).unref(),
      onError: (error, roomId) =>
        damped((failed) => log.warn({ err: error, roomId, failed }, 'aggregates not sent; they are tried again')),
    }),
  };

  return {
    log: roomLog,
    feeds,
    persist: createPersist(log),
    onEntry: listeners.on,
    signals,
    archive,
    end: store.end,
    channelOf: feedChannel,
    shownBefore,
    findEntry,
    findAppended,
    /** Whether an entry that nobody is the sender of was appended under this key, and not long ago. */
    wasAppended: async (roomId: string, clientKey: string) => (await store.recall(roomId, '', clientKey)) !== null,
    setAside: store.setAside,
    silence: store.silence,
    unsilence: store.unsilence,
  };

  /** A page of what was shown in a room, from the archive, newest first. What was taken back since the archive looked last is not in it. */
  async function shownBefore(roomId: string, place: ArchivePlace, rows: number): Promise<RoomEntry[]> {
    const redacted = await redactedSinceArchived(roomId); // First: what the archive takes in meanwhile is left out by the archive.
    const page = await archive.before(roomId, place, rows);
    return page
      .filter(({ entryId, senderId }) => !redacted.has(entryId) && !redacted.has(`sender:${senderId}`))
      .map(({ offset, atMs, kind, body }) => ({ offset, atMs, kind, body }));
  }

  async function redactedSinceArchived(roomId: string): Promise<ReadonlySet<string>> {
    const [at, end] = await Promise.all([archive.position(roomId), store.end(roomId)]);
    const archived = (at && end && keptUpTo(at, end)) ?? 0;
    const waiting = await store.entriesAfter(roomId, archived, unarchivedMax);
    return new Set(waiting.flatMap(({ redacts }) => redacts));
  }

  /** Body of the entry that carries an id: from memory where the room is served, else from the log or its archive. */
  async function findEntry(roomId: string, entryId: string): Promise<unknown> {
    const feed = feeds.served(roomId);
    const remembered = feed?.findRecent(entryId);
    const recent = remembered ?? findIn(await unremembered(roomId, feed), entryId);
    if (recent === 'redacted') return null;
    return recent ? (JSON.parse(recent.body) as unknown) : archive.find(roomId, entryId);
  }

  /** The last entries of a log, or where a feed remembers as many those that it has not heard of yet. */
  function unremembered(roomId: string, feed: Feed | undefined): Promise<LogEntry[]> {
    if (feed?.remembers(searchedMax)) return store.entriesAfter(roomId, feed.headOffset, searchedMax);
    return store.lastEntries(roomId, searchedMax);
  }

  /**
   * What a sender appended under a key that is also the id of the entry, taken back or not; `aside` when the key was set aside, null
   * when it is not known.
   */
  async function findAppended(
    roomId: string,
    senderId: string,
    clientKey: string,
  ): Promise<{ position: Position; body: unknown } | 'aside' | null> {
    const position = await store.recall(roomId, senderId, clientKey);
    if (!position || position === 'aside') return position;
    const [entry] = await store.entriesAfter(roomId, position.offset - 1, 1);
    if (entry?.entryId === clientKey) return { position, body: JSON.parse(entry.body) as unknown };
    const body = await archive.findEvenRedacted(roomId, clientKey);
    return body === null ? null : { position, body };
  }
}

function tailFor(kind: RoomEventName, body: string, options: AppendOptions): LineTail {
  const { senderId = '', entryId = '', redacts = [], lane = roomEvents[kind].lane } = options;
  return { lane, senderId, entryId, redacts, kind, body };
}
