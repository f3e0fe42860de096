import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import { isOver } from '../../../shared/room-state.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import { createDamper } from '../../platform/log.ts';
import type { Platform } from '../../platform/platform.ts';
import type { createRoomLogFeature } from '../room-log/feature.ts';
import { createNews } from '../room-log/news.redis.ts';
import type { Presence } from '../room/presence.socket.ts';
import type { Rooms, RoomView } from '../room/rooms.ts';
import { createAudienceStore } from './audience-store.pg.ts';
import { createAudience } from './audience.ts';
import { createCounters } from './counters.redis.ts';
import { createLikeQueue } from './like-queue.ts';
import { createSaving } from './saving.ts';

type Needs = {
  roomLog: ReturnType<typeof createRoomLogFeature>;
  /** Late, because rooms ask us how many watch them. */
  room: () => { presence: Presence; rooms: Pick<Rooms, 'get'> };
};

/** Three rounds fit into the time after which a silent gateway counts as dead. */
export const roundEveryMs = 300;
const saveEveryMs = 5_000;
/** Pages send what is tapped every second or two: so long after the end the last taps may come, ms. */
const afterEndMs = 3_000;
/** Every room fails while a database is away: time between two lines about it, ms. */
const tellUncountedEveryMs = 1_000;

export function createAudienceFeature(platform: Platform, { roomLog, room }: Needs) {
  const { db, redis, lifecycle, log, nowMs } = platform;
  const { feeds, signals, channelOf } = roomLog;
  const news = createNews(redis.commands, { name: 'audience:news', nowMs });
  const gatewayId = newId();
  const counters = createCounters(redis.commands, channelOf);
  const store = createAudienceStore(db);
  const damped = createDamper(tellUncountedEveryMs);
  const onError = (error: unknown, roomId: string): void =>
    damped((failed) => log.warn({ err: error, roomId, failed }, 'audience not counted; it is tried again'));
  const lastShown = (roomId: string, count: 'likes' | 'visitors'): number =>
    Number(feeds.served(roomId)?.aggregates()[count] ?? 0);
  /** What was shown is newer than what was saved, up to five seconds ago. */
  const likesBefore = async (roomId: string): Promise<number> =>
    Math.max((await store.find(roomId)).likes, lastShown(roomId, 'likes'));
  const audience = createAudience({
    gatewayId,
    counters,
    store,
    people: () => room().presence.people(),
    tell: (roomId, headcount) => signals.send(roomId, 'viewers', `${gatewayId} ${headcount}`),
    show: (roomId, values) => feeds.served(roomId)?.setAggregates(values),
    lastShown,
    noteNews: news.note,
    onError,
    elapsedMs: () => performance.now(),
  });
  signals.on('viewers', (roomId, text) => {
    const [otherId = '', headcount] = text.split(' ');
    audience.hear(roomId, otherId, Number(headcount));
  });
  const likedListeners: ((roomId: string, personId: string) => void)[] = [];
  const like = createLikeQueue({
    count: (roomId, tallies) => counters.countLikes(roomId, tallies, () => likesBefore(roomId)),
    noteNews: news.note,
    onLiked: (roomId, personId) => likedListeners.forEach((hear) => hear(roomId, personId)),
  });

  return {
    /** Hears of people whose likes were counted on this gateway, a few times a second at the most for each. */
    onLiked: (hear: (roomId: string, personId: string) => void): void => void likedListeners.push(hear),
    viewersOf: audience.viewersOf,
    audienceOf: audience.of,
    register(gateway: Gateway): void {
      gateway.expose('room:like', async ({ personId }, { roomId, tally, likes, counted }) => {
        checkTakesLikes(await room().rooms.get(roomId));
        return like(roomId, { personId, tally, likes, counted });
      });
      gateway.expose('room:audience', (_viewer, { roomId }) => audience.of(roomId));
      lifecycle.onClose('audience', audience.close);
      platform.every({ name: 'audience', everyMs: roundEveryMs, role: 'gateway', run: audience.round });
      const run = createSaving({ store, news, countedIn: audience.countedIn });
      platform.every({ name: 'save audience', everyMs: saveEveryMs, exclusive: true, run });
    },
  };

  /** What a show was liked when it ended stays so, but for taps that were on their way. */
  function checkTakesLikes(show: RoomView): void {
    if (!isOver(show) || (show.endedAtMs !== null && nowMs() - show.endedAtMs <= afterEndMs)) return;
    throw new AppError('CONFLICT', 'The room is over.', { reason: 'room-over' });
  }
}
