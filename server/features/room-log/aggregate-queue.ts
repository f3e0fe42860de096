import type { AggregateSource, RoomLog } from './room-log.ts';
import type { LogStore } from './log-store.ts';

type Needs = {
  send: LogStore['setAggregates'];
  after: (ms: number, run: () => void) => void;
  onError: (error: unknown, roomId: string) => void;
};

/** Values of one room leave together, at most this often. */
const gapMs = 500;
/** Rooms with values on their way. Past it the values of further rooms are dropped: no process serves as many. */
const roomsMax = 20_000;

/**
 * Keeps the newest value of each aggregate and sends it when its room's turn comes; older values are dropped unseen. What could not
 * be sent is tried again, unless there is a newer value by then. A room has one call under way, so that no value overtakes a newer one.
 */
export function createAggregateQueue({ send, after, onError }: Needs): RoomLog['setAggregate'] {
  const waiting = new Map<string, Record<string, number | string | AggregateSource>>();

  return function set(roomId, name, value) {
    const values = waiting.get(roomId);
    if (values) {
      values[name] = value;
      return;
    }
    if (waiting.size >= roomsMax) return onError(new Error('too many rooms have aggregates to send'), roomId);
    // The first value leaves at once; those that follow within the gap wait for its end.
    waiting.set(roomId, { [name]: value });
    void sendWaiting(roomId);
  };

  async function sendWaiting(roomId: string): Promise<void> {
    const values = waiting.get(roomId)!;
    if (Object.keys(values).length === 0) return void waiting.delete(roomId);
    waiting.set(roomId, {});
    try {
      await send(roomId, values);
    } catch (error) {
      onError(error, roomId);
      waiting.set(roomId, { ...values, ...waiting.get(roomId) });
    }
    after(gapMs, () => void sendWaiting(roomId));
  }
}
