import { createBatches } from '../../platform/batches.ts';
import { groupsOf } from '../../platform/each-of.ts';
import type { Tally } from './counters.redis.ts';

type Answer = { counted: number; total: number };

/** Likes of one room are counted this often at the most, ms. Nobody waits for a like. */
const gapMs = 400;
/** Tallies waiting, of all rooms; more are refused with RETRY, and their next sum has them. */
const waitingMax = 20_000;
/** Tallies of one call; it blocks Redis for about 2 µs each. */
const countedAtOnce = 500;

type Needs = {
  count: (roomId: string, tallies: readonly Tally[]) => Promise<{ total: number; counted: number[] }>;
  /** There is something to save. */
  noteNews: (roomId: string) => void;
  onLiked: (roomId: string, personId: string) => void;
};

/** Counts the likes of many people in one call per room and moment. */
export function createLikeQueue({ count, noteNews, onLiked }: Needs) {
  const likes = createBatches<Tally, Answer>({ itemsMax: waitingMax, waitingMax, gapMs, run: countAll });

  return (roomId: string, tally: Tally): Promise<Answer> => likes.add(roomId, tally);

  /** When a call fails, sums that were counted before it are sent again, which adds nothing. */
  async function countAll(roomId: string, tallies: readonly Tally[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const some of groupsOf(tallies, countedAtOnce)) answers.push(...(await countSome(roomId, some)));
    return answers;
  }

  async function countSome(roomId: string, tallies: readonly Tally[]): Promise<Answer[]> {
    const { total, counted } = await count(roomId, tallies);
    noteNews(roomId);
    tallies.forEach(({ personId }, i) => counted[i]! > 0 && onLiked(roomId, personId));
    return tallies.map((_, i) => ({ counted: counted[i]!, total }));
  }
}
