import { AppError } from '../../../shared/errors.ts';
import { groupsOf } from '../../platform/each-of.ts';
import { isUrgent } from './log-line.ts';
import type { LogStore, NewEntry } from './log-store.ts';
import type { Appended } from './room-log.ts';

/** Entries of one call. A call blocks Redis for about 5 µs an entry. */
const batchMax = 256;
/** Entries of all rooms waiting for Redis; more are refused with RETRY. */
const waitingMax = 5_000;
/** Of these, what chat and what viewers do in it may fill. What must not be lost, offers and moderation, goes on while chat is refused. */
const chatWaitingMax = 4_000;

type Waiting = { entry: NewEntry; resolve: (at: Appended) => void; reject: (error: unknown) => void };

/**
 * Appends of one room in one event-loop turn travel in one call. Turns are sent one after another on one connection,
 * so the order of calls is the order of offsets. Not `createBatches`, which waits for the answer to one call before it makes the next: a
 * line would be said a round trip later, and there would be no fewer calls.
 */
export function createAppendQueue(store: Pick<LogStore, 'append'>) {
  const queues = new Map<string, Waiting[]>();
  let waiting = 0;

  return function append(roomId: string, entry: NewEntry): Promise<Appended> {
    if (waiting >= (isUrgent(entry.tail) ? waitingMax : chatWaitingMax))
      throw new AppError('RETRY', 'Too much is being said at once.', { retryAfterMs: 250 });
    waiting += 1;
    if (queues.size === 0) setImmediate(sendAll);
    return new Promise((resolve, reject) => {
      const queue = queues.get(roomId);
      if (queue) queue.push({ entry, resolve, reject });
      else queues.set(roomId, [{ entry, resolve, reject }]);
    });
  };

  function sendAll(): void {
    for (const [roomId, queue] of queues) {
      for (const batch of groupsOf(queue, batchMax)) void send(roomId, batch);
    }
    queues.clear();
  }

  async function send(roomId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const positions = await store.append(
        roomId,
        batch.map(({ entry }) => entry),
      );
      batch.forEach(({ resolve }, i) => resolve(positions[i]!));
    } catch (error) {
      batch.forEach(({ reject }) => reject(error));
    } finally {
      waiting -= batch.length;
    }
  }
}
