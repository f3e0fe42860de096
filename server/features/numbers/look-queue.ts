import type { Look } from './looks.redis.ts';

type Needs = {
  add: (roomId: string, looks: readonly Look[]) => Promise<void>;
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Looks at products of one room are collected this long, ms: one write for all of them. */
const collectMs = 1_000;
/** Looks waiting, of all rooms. They are a statistic: more are let go. */
const waitingMax = 20_000;

/** Notes who opened which product of a room. Whoever says it does not wait for the count. */
export function createLookQueue({ add, after, onError }: Needs) {
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
      await add(roomId, looks);
    } catch (error) {
      onError(error, roomId);
    } finally {
      waiting -= looks.length;
    }
  }
}
