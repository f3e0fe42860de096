import { Counter, Gauge } from 'prom-client';
import { roomEvents, type RoomEventName } from '../../../shared/protocol/index.ts';
import { encodeMessage } from '../../gateway/frames.ts';
import { createDamper } from '../../platform/log.ts';
import type { Platform } from '../../platform/platform.ts';
import { createAppendQueue } from './append-queue.ts';
import { createArchive, someStretchIsOwed, type FoundEntry } from './archive.pg.ts';
import { createArchiveListeners } from './archive-listeners.ts';
import { createArchiving } from './archiving.ts';
import { createEntryListeners } from './entry-listeners.ts';
import { createFeedChannel } from './feed-channel.redis.ts';
import { createFeedMetrics } from './feed-metrics.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { usedShareOf } from './fullness.redis.ts';
import { createFrameClock, type FrameWindow } from './frame-clock.ts';
import { createHearingOwed } from './hearing-owed.ts';
import { createLogStore, feedChannel } from './log-store.redis.ts';
import { createAggregateQueue } from './aggregate-queue.ts';
import type { LineTail } from './log-line.ts';
import { createNews } from './news.redis.ts';
import { createPersist } from './persist.ts';
import { createSignals } from './signals.ts';
import { createTakingBackAgain } from './taken-back-again.ts';
import type { Appended, AppendOptions, Position, RoomLog } from './room-log.ts';

export type RoomLogSettings = {
  /** Chat entries of one room shown per second; more are thinned, the same for everybody. */
  chatPerSecondMax: number;
  frameWindow: FrameWindow;
  /** How long the archive keeps entries. */
  retentionDays: number;
};

/** How often a gateway compares the rooms it serves with the log. */
const checkEveryMs = 3_000;
const hearOwedEveryMs = 2_000;
const archiveEveryMs = 1_000;
const lookHowFullEveryMs = 1_000;
/** Of the memory of Redis, what chat may fill. The rest is for what is sold and drawn, which needs little: no chat takes it. */
const chatShareMax = { viewers: 0.8, staff: 0.9 } as const;
/** Aggregates of every room fail while Redis is away: time between two lines about it, ms. */
const tellUnsentEveryMs = 1_000;
const deleteEveryMs = 3_000;

type AppendedEntry = FoundEntry & { position: Position };

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
    clock: createFrameClock(nowMs, settings.frameWindow),
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
  const archiveListeners = createArchiveListeners((error) =>
    log.warn({ err: error }, 'something that was said was not taken account of; it is tried again'),
  );
  const archiving = createArchiving({
    store,
    news,
    archive,
    hear: archiveListeners.hear,
    takeBackAgain: createTakingBackAgain(store),
    retentionDays: settings.retentionDays,
    onLost(roomId, entries) {
      lost.inc(entries);
      log.error({ roomId, entries }, 'the log forgot entries before the archive took them');
    },
    onError: (error, roomId) => log.warn({ err: error, roomId }, 'room not archived; it is tried again'),
  });
  platform.every({ name: 'archive rooms', everyMs: archiveEveryMs, exclusive: true, run: archiving.takeNews });
  const hearOwed = createHearingOwed({ archive, hear: archiveListeners.hearAgain });
  platform.every({
    name: 'hear archived lines again',
    everyMs: hearOwedEveryMs,
    exclusive: true,
    due: someStretchIsOwed,
    run: hearOwed,
  });
  platform.every({ name: 'forget old logs', everyMs: deleteEveryMs, exclusive: true, run: archiving.deleteOld });

  let usedShare = 0;
  new Gauge({
    name: 'nightmarket_redis_used_share',
    help: 'Share of its memory that Redis has used, 0 when it has no bound. Above 0.8 viewers say nothing more in chats, above 0.9 nobody.',
    registers: [platform.metrics],
    collect() {
      this.set(usedShare);
    },
  });
  const lookHowFull = async (): Promise<void> => {
    usedShare = await usedShareOf(redis.commands);
  };
  platform.every({ name: 'how full Redis is', everyMs: lookHowFullEveryMs, role: 'gateway', run: lookHowFull });

  const damped = createDamper(tellUnsentEveryMs);
  const roomLog: RoomLog = {
    async append(roomId, kind, body, options = {}) {
      const tail = tailFor(kind, JSON.stringify(body), options);
      const { clientKey, unlessSilenced = false, unheard = false } = options;
      const appended = await append(roomId, { tail, clientKey, unlessSilenced, unheard });
      if (tail.redacts.length > 0) await redact(roomId, appended, tail.redacts);
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
    onArchived: archiveListeners.on,
    signals,
    channelOf: feedChannel,
    /** A page of what was shown in a room. What is taken back is so in the archive before anybody is answered. */
    shownBefore: archive.before,
    findEntry,
    findAppended,
    isAppended: store.isAppended,
    setAside: store.setAside,
    forgetAside: store.forgetAside,
    silence: store.silence,
    letGo: store.letGo,
    /** Whether so much is kept that these must not add to it in chats: what is sold needs the rest. */
    isFullFor: (whom: keyof typeof chatShareMax): boolean => usedShare > chatShareMax[whom],
  };

  /** Who said it before may have died before it was so in the archive; else it is asked, and not done again under the lock of the room. */
  async function redact(roomId: string, appended: Appended, redacts: readonly string[]): Promise<void> {
    if (appended.duplicate && (await archive.hasRedacted(roomId, appended.atMs, redacts))) return;
    await archive.redact(roomId, appended, redacts);
  }

  /** The entry that carries an id, said and taken back or not; null when nothing has it. */
  async function findEntry(roomId: string, entryId: string): Promise<FoundEntry | null> {
    const found = await findAppended(roomId, entryId);
    return found && found !== 'aside' ? found : archive.find(roomId, entryId);
  }

  /** Like `findEntry`, if the log remembers the id: one that it does not know costs PostgreSQL nothing. `aside`: it was set aside. */
  async function findAppended(roomId: string, entryId: string): Promise<AppendedEntry | 'aside' | null> {
    const known = await store.recall(roomId, entryId);
    if (!known || known === 'aside') return known;
    const { position, entry, redacted } = known;
    if (entry) return { position, redacted, body: JSON.parse(entry.body) as unknown };
    const archived = await archive.find(roomId, entryId);
    return archived && { position, redacted: redacted || archived.redacted, body: archived.body };
  }
}

function tailFor(kind: RoomEventName, body: string, options: AppendOptions): LineTail {
  const { senderId = '', entryId = '', redacts = [], lane = roomEvents[kind].lane } = options;
  return { lane, senderId, entryId, redacts, kind, body };
}
