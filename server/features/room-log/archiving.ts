import type { Archive } from './archive.pg.ts';
import { keptUpTo, type LogEnd, type LogStore } from './log-store.ts';
import type { News } from './news.redis.ts';

type Needs = {
  store: Pick<LogStore, 'end' | 'entriesAfter'>;
  news: Pick<News, 'waiting' | 'settle'>;
  archive: Archive;
  retentionDays: number;
  /** So many entries of a room were trimmed from its log before they could be taken: the archive has a hole for ever. */
  onLost: (roomId: string, entries: number) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Entries written in one statement. */
const batchMax = 1_000;
/** Batches of one room in one round, so that a busy room does not keep the others waiting. */
const batchesMax = 20;
/** Rows deleted in one round; 20 rounds a minute keep up with 60,000 entries a minute. */
const deletedMax = 3_000;

/** Moves room logs into the archive, and out of it when their time is over. Run by one process at a time. */
export function createArchiving({ store, news, archive, retentionDays, onLost, onError }: Needs) {
  return {
    /** Takes what is new in every room with news. What fails is taken next time. */
    async takeNews(): Promise<void> {
      for (const room of await news.waiting()) {
        await takeRoom(room.roomId)
          .then(async (isAll) => isAll && news.settle(room))
          .catch((error: unknown) => onError(error, room.roomId));
      }
    },
    deleteOld: (): Promise<number> => archive.deleteOlderThan(retentionDays, deletedMax),
  };

  /** Returns whether that was all there is. */
  async function takeRoom(roomId: string): Promise<boolean> {
    const end = await store.end(roomId);
    if (!end) return true;
    let from = await startOf(roomId, end);
    for (let batches = 0; from < end.offset && batches < batchesMax; batches += 1) {
      const entries = await store.entriesAfter(roomId, from, batchMax);
      const lost = (entries[0]?.offset ?? end.offset + 1) - from - 1;
      from = entries.at(-1)?.offset ?? end.offset;
      if (entries.length > 0) await archive.add(roomId, end.epoch, entries);
      else await archive.moveTo(roomId, { epoch: end.epoch, offset: from });
      if (lost > 0) onLost(roomId, lost); // Told when the archive has gone past it, which is once.
    }
    return from >= end.offset;
  }

  /**
   * The archive goes on where it was, also in a life of the log that continues the one it knows; else from the beginning. It notes
   * every life it sees, also one in which nothing happened: the log forgets old ones.
   */
  async function startOf(roomId: string, end: LogEnd): Promise<number> {
    const at = await archive.position(roomId);
    const offset = (at && keptUpTo(at, end)) ?? 0;
    if (at?.epoch !== end.epoch) await archive.moveTo(roomId, { epoch: end.epoch, offset });
    return offset;
  }
}
