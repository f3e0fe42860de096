import { AppError } from '../../../shared/errors.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { Tally } from './counters.redis.ts';

type Answer = { counted: number; total: number };
type Waiting = { tally: Tally; resolve: (answer: Answer) => void; reject: (error: unknown) => void };

/** Likes of one room are collected this long before they are counted, ms. Nobody waits for a like. */
const collectMs = 400;
/** Tallies waiting, of all rooms; more are refused with RETRY, and their next sum has them. */
const waitingMax = 20_000;
/** Tallies of one call; it blocks Redis for about 2 µs each. */
const batchMax = 500;

type Needs = {
  count: (roomId: string, tallies: readonly Tally[]) => Promise<{ total: number; counted: number[] }>;
  after: (ms: number, run: () => void) => void;
  /** There is something to save. */
  noteNews: (roomId: string) => void;
  onLiked: (roomId: string, personId: string) => void;
};

/** Counts the likes of many people in one call per room and moment. */
export function createLikeQueue({ count, after, noteNews, onLiked }: Needs) {
  const rooms = new Map<string, Waiting[]>();
  let waiting = 0;

  return function like(roomId: string, tally: Tally): Promise<Answer> {
    if (waiting >= waitingMax) throw new AppError('RETRY', 'Too many likes at once.', { retryAfterMs: 1_000 });
    waiting += 1;
    return new Promise((resolve, reject) => {
      const queue = rooms.get(roomId);
      if (queue) return void queue.push({ tally, resolve, reject });
      rooms.set(roomId, [{ tally, resolve, reject }]);
      after(collectMs, () => void countRoom(roomId));
    });
  };

  async function countRoom(roomId: string): Promise<void> {
    const queue = rooms.get(roomId)!;
    rooms.delete(roomId);
    for (const batch of groupsOf(queue, batchMax)) await countBatch(roomId, batch);
  }

  async function countBatch(roomId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const { total, counted } = await count(
        roomId,
        batch.map(({ tally }) => tally),
      );
      noteNews(roomId);
      batch.forEach(({ tally, resolve }, i) => {
        if (counted[i]! > 0) onLiked(roomId, tally.personId);
        resolve({ counted: counted[i]!, total });
      });
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    } finally {
      waiting -= batch.length;
    }
  }
}
