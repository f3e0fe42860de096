import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { LogEntry } from './log-line.ts';

type Listener = (roomId: string, body: never) => void;

export type EntryListeners = ReturnType<typeof createEntryListeners>;

/**
 * Features that must act on what happens in the rooms this gateway serves: forget what they cached, close what is no longer
 * allowed. They hear an entry before the members of the room do. Only for what may be missed: a gateway that does not
 * serve the room hears nothing.
 */
export function createEntryListeners() {
  const listeners = new Map<string, Listener[]>();

  return {
    on<K extends RoomEventName>(kind: K, listener: (roomId: string, body: RoomEventBody<K>) => void): void {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
    },
    hear(roomId: string, entries: readonly LogEntry[]): void {
      for (const { kind, body } of entries) {
        const hearing = listeners.get(kind);
        if (!hearing) continue;
        const parsed = JSON.parse(body) as never;
        for (const listener of hearing) listener(roomId, parsed);
      }
    },
  };
}
