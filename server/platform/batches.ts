import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../../shared/errors.ts';

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

export type BatchesOptions<Item, Result> = {
  /** Items of one run at the most. */
  itemsMax: number;
  /** Items waiting over all keys; more are refused with RETRY. */
  waitingMax: number;
  /** ms from the start of one run of a key to the next, at the least; default 0. Fewer and larger runs for a key that is busy. */
  gapMs?: number;
  /** Does all items of one key at once, in order; as many results as items. What it throws is thrown to every item. */
  run: (key: string, items: readonly Item[]) => Promise<readonly Result[]>;
};

/**
 * Group commit: what arrives for one key while a run of it is under way waits and travels with the next run. An item that finds
 * no run under way, and none begun within `gapMs`, leaves at the end of the event-loop turn, with those of the same turn. Under
 * load batches grow by themselves.
 */
export function createBatches<Item, Result>({ itemsMax, waitingMax, gapMs = 0, run }: BatchesOptions<Item, Result>) {
  const queues = new Map<string, Waiting<Item, Result>[]>();
  let waiting = 0;

  return {
    /** @throws AppError RETRY when too much is waiting. */
    add(key: string, item: Item): Promise<Result> {
      if (waiting >= waitingMax)
        return Promise.reject(new AppError('RETRY', 'Too many at once.', { retryAfterMs: 500 }));
      waiting += 1;
      return new Promise((resolve, reject) => {
        const queue = queues.get(key);
        if (queue) queue.push({ item, resolve, reject });
        else {
          queues.set(key, [{ item, resolve, reject }]);
          setImmediate(() => void drain(key));
        }
      });
    },
  };

  async function drain(key: string): Promise<void> {
    const queue = queues.get(key)!;
    while (queue.length > 0) {
      const gap = gapMs > 0 ? pause(gapMs) : undefined;
      await settle(key, queue.splice(0, itemsMax));
      await gap;
    }
    queues.delete(key);
  }

  async function settle(key: string, batch: readonly Waiting<Item, Result>[]): Promise<void> {
    waiting -= batch.length;
    try {
      const results = await run(
        key,
        batch.map(({ item }) => item),
      );
      batch.forEach(({ resolve }, i) => resolve(results[i]!));
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    }
  }
}
