import { eachOf } from '../../platform/each-of.ts';
import type { News } from '../room-log/news.redis.ts';
import type { AudienceStore } from './audience-store.pg.ts';

type Needs = {
  store: AudienceStore;
  news: Pick<News, 'waiting' | 'settle'>;
  numbersOf: (roomId: string) => Promise<{ likes: number; viewers: number; visitors: number }>;
  onError: (error: unknown, roomId: string) => void;
};

/** Rooms saved at a time; each has a connection of PostgreSQL. */
const atOnce = 4;

/** Saves what Redis counts of every room with news. Run by one process at a time. */
export function createSaving({ store, news, numbersOf, onError }: Needs) {
  return async function saveAll(): Promise<void> {
    await eachOf(await news.waiting(), atOnce, (room) =>
      save(room.roomId)
        .then(() => news.settle(room))
        .catch((error: unknown) => onError(error, room.roomId)),
    );
  };

  async function save(roomId: string): Promise<void> {
    await store.save(roomId, await numbersOf(roomId));
  }
}
