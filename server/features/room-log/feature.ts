import { roomEvents, type RoomEventName } from '../../../shared/protocol/index.ts';
import { encodeMessage } from '../../gateway/frames.ts';
import type { Platform } from '../../platform/platform.ts';
import { createAppendQueue } from './append-queue.ts';
import { createEntryListeners } from './entry-listeners.ts';
import { createFeedChannel } from './feed-channel.redis.ts';
import { createFeeds, type Feeds } from './feeds.ts';
import { createFrameClock, type FrameWindow } from './frame-clock.ts';
import { createLogStore } from './log-store.redis.ts';
import { createAggregateQueue } from './aggregate-queue.ts';
import type { LineTail } from './log-line.ts';
import { createPersist } from './persist.ts';
import type { AppendOptions, RoomLog } from './room-log.ts';

export type RoomLogSettings = {
  /** Chat entries of one room shown per second; more are thinned, the same for everybody. */
  chatPerSecondMax: number;
  frameWindow: FrameWindow;
};

/** How often a gateway compares the rooms it serves with the log. */
const checkEveryMs = 3_000;

export function createRoomLogFeature(platform: Platform, settings: RoomLogSettings) {
  const { redis, log, lifecycle, nowMs } = platform;
  const store = createLogStore(redis.commands, settings);
  const append = createAppendQueue(store);
  const listeners = createEntryListeners();

  const feeds: Feeds = createFeeds({
    store,
    source: createFeedChannel(redis.subscriber, {
      onBatch: (...batch) => feeds.onBatch(...batch),
      onAggregates: (...values) => feeds.onAggregates(...values),
      onGap: () => void feeds.check().catch((error: unknown) => log.warn({ err: error }, 'room check failed')),
    }),
    encode: (json) => encodeMessage('room:frame', json),
    clock: createFrameClock(nowMs, settings.frameWindow, lifecycle),
    onEntries: listeners.hear,
    onError: (error, roomId) => log.warn({ err: error, roomId }, 'room feed fell behind'),
  });
  lifecycle.onClose('room feeds', feeds.close);
  platform.every({ name: 'room feeds', everyMs: checkEveryMs, role: 'gateway', run: feeds.check });

  const roomLog: RoomLog = {
    async append(roomId, kind, body, options = {}) {
      return append(roomId, { tail: tailFor(kind, JSON.stringify(body), options), clientKey: options.clientKey });
    },
    setAggregate: createAggregateQueue({
      send: store.setAggregates,
      after: (ms, run) => setTimeout(run, ms).unref(),
      onError: (error, roomId) => log.warn({ err: error, roomId }, 'aggregates not sent; the next value will be'),
    }),
  };

  return { log: roomLog, feeds, persist: createPersist(log), onEntry: listeners.on };
}

function tailFor(kind: RoomEventName, body: string, options: AppendOptions): LineTail {
  const { senderId = '', entryId = '', redacts = [], lane = roomEvents[kind].lane } = options;
  return { lane, senderId, entryId, redacts, kind, body };
}
