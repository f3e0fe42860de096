import type { LogEntry } from './log-line.ts';
import type { LogStore } from './log-store.ts';

/** Entries read when a room is opened: enough for a snapshot and for those who come back after a moment. */
const lastMax = 256;

type Read = { from: number; entries: Promise<LogEntry[]> };

/**
 * Reads the log on behalf of many: clients that come back to a room at the same time (their gateway died, say) share one
 * read, however many they are.
 */
export function createHistory({ store, max }: { store: Pick<LogStore, 'entriesAfter' | 'lastEntries'>; max: number }) {
  const waiting = new Map<string, { from: number; resolve: (read: Read) => void; read: Promise<Read> }>();

  return {
    /** Entries after `offset`, `max` at the most. One read per room and event-loop turn, from the earliest offset asked for. */
    async after(roomId: string, offset: number): Promise<LogEntry[]> {
      const { from, entries } = await join(roomId, offset);
      const read = await entries;
      // A shared read may begin so early that it ends before this one begins.
      if (from < offset && read.length === max) return store.entriesAfter(roomId, offset, max);
      return read.filter((entry) => entry.offset > offset);
    },
    /** The last entries up to `offset`. */
    async last(roomId: string, offset: number): Promise<LogEntry[]> {
      return (await store.lastEntries(roomId, lastMax)).filter((entry) => entry.offset <= offset);
    },
  };

  function join(roomId: string, offset: number): Promise<Read> {
    const shared = waiting.get(roomId);
    if (shared) {
      shared.from = Math.min(shared.from, offset);
      return shared.read;
    }
    const { promise, resolve } = Promise.withResolvers<Read>();
    waiting.set(roomId, { from: offset, resolve, read: promise });
    setImmediate(() => {
      const { from } = waiting.get(roomId)!;
      waiting.delete(roomId);
      resolve({ from, entries: store.entriesAfter(roomId, from, max) });
    });
    return promise;
  }
}
