import type { RoomEventBody, RoomEventName } from '../../../shared/protocol/index.ts';
import { inTime } from '../../platform/in-time.ts';
import type { LogEntry } from './log-line.ts';

/** An entry on its way into the archive. `atMs`: when it was said, Unix epoch. */
export type Archived<K extends RoomEventName> = { roomId: string; atMs: number; body: RoomEventBody<K> };

type Listener = (archived: readonly Archived<never>[]) => Promise<unknown>;

/** What is heard of a stretch. */
export type Heard = { roomId: string; entries: readonly Pick<LogEntry, 'kind' | 'atMs' | 'unheard' | 'body'>[] };

/** The archive waits so long for those who listen, ms: the logs it reads are trimmed meanwhile. */
const waitMsMax = 1_000;

/**
 * Features that must hear of everything that was said, also through a gateway that died right after: in the order of each room, a moment
 * later, and again when the archive is stopped halfway or somebody was late or failed. Not of what nobody is to hear. What a listener
 * throws is told, and holds up neither the archive nor the others.
 */
export function createArchiveListeners(onError: (error: unknown) => void) {
  const listeners = new Map<string, Listener[]>();
  /** Asked, and not through with it: nothing more is given to them, so that little waits and the archive does not. */
  const overdue = new Set<Listener>();

  return {
    on<K extends RoomEventName>(kind: K, listener: (archived: readonly Archived<K>[]) => Promise<unknown>): void {
      listeners.set(kind, [...(listeners.get(kind) ?? []), listener]);
    },
    /** Returns, soon, whether all who listen have taken account of it. */
    hear: (stretches: readonly Heard[]): Promise<boolean> => allOf(stretches, askInTime),
    /** The same without haste. */
    hearAgain: (stretches: readonly Heard[]): Promise<boolean> => allOf(stretches, ask),
  };

  async function allOf(stretches: readonly Heard[], tell: typeof ask): Promise<boolean> {
    const told: boolean[] = [];
    for (const [kind, hearing] of listeners) {
      const archived = stretches.flatMap((stretch) => archivedOf(kind, stretch));
      if (archived.length === 0) continue;
      told.push(...(await Promise.all(hearing.map((listener) => tell(listener, archived)))));
    }
    return told.every(Boolean);
  }

  async function ask(listener: Listener, archived: readonly Archived<never>[]): Promise<boolean> {
    try {
      await listener(archived);
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  async function askInTime(listener: Listener, archived: readonly Archived<never>[]): Promise<boolean> {
    if (overdue.has(listener)) return false;
    const answer = ask(listener, archived);
    const heard = await inTime<boolean | 'late'>(answer, waitMsMax, 'late');
    if (heard !== 'late') return heard;
    overdue.add(listener);
    void answer.then(() => overdue.delete(listener));
    return false;
  }
}

function archivedOf(wanted: string, { roomId, entries }: Heard): Archived<never>[] {
  return entries
    .filter(({ kind, unheard }) => kind === wanted && !unheard)
    .map(({ atMs, body }) => ({ roomId, atMs, body: JSON.parse(body) as never }));
}
