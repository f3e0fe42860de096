import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import type { Stretch } from './archive.pg.ts';

/** An entry on its way into the archive. `atMs`: when it was said, Unix epoch. */
export type Archived<K extends RoomEventName> = { roomId: string; atMs: number; body: RoomEventBody<K> };

type Listener = (archived: readonly Archived<never>[]) => Promise<unknown>;

/**
 * Features that must hear of everything that was said, also through a gateway that died right after: in the order of each room, a moment
 * later, and twice when the archive is stopped halfway. Not of what nobody is to hear. What a listener throws is told, and holds up
 * neither the archive nor the others.
 */
export function createArchiveListeners(onError: (error: unknown) => void) {
  const listeners = new Map<string, Listener[]>();

  return {
    on<K extends RoomEventName>(kind: K, listener: (archived: readonly Archived<K>[]) => Promise<unknown>): void {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
    },
    async hear(stretches: readonly Stretch[]): Promise<void> {
      for (const [kind, hearing] of listeners) {
        const archived = stretches.flatMap((stretch) => archivedOf(kind, stretch));
        if (archived.length === 0) continue;
        await Promise.all(hearing.map((listener) => listener(archived).catch(onError)));
      }
    },
  };
}

function archivedOf(wanted: string, { roomId, entries }: Stretch): Archived<never>[] {
  return entries
    .filter(({ kind, unheard }) => kind === wanted && !unheard)
    .map(({ atMs, body }) => ({ roomId, atMs, body: JSON.parse(body) as never }));
}
