import { eachOf, groupsOf } from '../../platform/each-of.ts';
import type { News } from '../room-log/news.redis.ts';
import type { AudienceNow, AudienceStore } from './audience-store.pg.ts';

type Needs = {
  store: Pick<AudienceStore, 'save'>;
  news: Pick<News, 'waiting' | 'settle'>;
  /** In the order of the rooms. */
  countedIn: (roomIds: readonly string[]) => Promise<AudienceNow[]>;
};

/** Rooms saved in one statement. */
const roomsMax = 250;
/** Rooms taken off the list at a time. */
const settledAtOnce = 50;

/** Saves what Redis counts of every room with news. Run by one process at a time. */
export function createSaving({ store, news, countedIn }: Needs) {
  return async function saveAll(): Promise<void> {
    for (const rooms of groupsOf(await news.waiting(), roomsMax)) {
      const counted = await countedIn(rooms.map(({ roomId }) => roomId));
      await store.save(rooms.map(({ roomId }, i) => ({ roomId, ...counted[i]! })));
      await eachOf(rooms, settledAtOnce, news.settle);
    }
  };
}
