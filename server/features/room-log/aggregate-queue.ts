import type { RoomLog } from './room-log.ts';
import type { LogStore } from './log-store.ts';

type Needs = {
  send: LogStore['setAggregates'];
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Values of one room leave together, at most this often. */
const gapMs = 500;

/** Keeps the newest value of each aggregate and sends it when its room's turn comes; older values are dropped unseen. */
export function createAggregateQueue({ send, after, onError }: Needs): RoomLog['setAggregate'] {
  const waiting = new Map<string, Record<string, number | string>>();

  return function set(roomId, name, value) {
    const values = waiting.get(roomId);
    if (values) {
      values[name] = value;
      return;
    }
    // The first value leaves at once; those that follow within the gap wait for its end.
    waiting.set(roomId, {});
    give(roomId, { [name]: value });
    after(gapMs, () => sendWaiting(roomId));
  };

  function sendWaiting(roomId: string): void {
    const values = waiting.get(roomId)!;
    if (Object.keys(values).length === 0) return void waiting.delete(roomId);
    waiting.set(roomId, {});
    give(roomId, values);
    after(gapMs, () => sendWaiting(roomId));
  }

  function give(roomId: string, values: Record<string, number | string>): void {
    send(roomId, values).catch((error: unknown) => onError(error, roomId));
  }
}
