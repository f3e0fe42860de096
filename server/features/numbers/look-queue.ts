import type { Look } from './looks.redis.ts';

type Needs = {
  /** Offers of a room, whatever their state. */
  offersOf: (roomId: string) => Promise<readonly string[]>;
  add: (roomId: string, looks: readonly Look[]) => Promise<void>;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Looks at products of one room are collected this long, ms: one read and one write for all of them. */
const collectMs = 1_000;
/** Looks waiting, of all rooms. They are a statistic: more are let go. */
const waitingMax = 20_000;

/** Notes who opened which product. Whoever says it waits for nothing, and an offer of another room is not counted. */
export function createLookQueue({ offersOf, add, after, onError }: Needs) {
  const rooms = new Map<string, Look[]>();
  let waiting = 0;

  return function look(roomId: string, one: Look): boolean {
    if (waiting >= waitingMax) return false;
    waiting += 1;
    const queue = rooms.get(roomId);
    if (queue) queue.push(one);
    else {
      rooms.set(roomId, [one]);
      after(collectMs, () => void count(roomId));
    }
    return true;
  };

  async function count(roomId: string): Promise<void> {
    const looks = rooms.get(roomId)!;
    rooms.delete(roomId);
    try {
      const known = new Set(await offersOf(roomId));
      await add(
        roomId,
        looks.filter(({ offerId }) => known.has(offerId)),
      );
    } catch (error) {
      onError(error, roomId);
    } finally {
      waiting -= looks.length;
    }
  }
}
