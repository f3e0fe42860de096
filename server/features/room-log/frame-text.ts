import type { Aggregates, RoomEntry } from '../../../shared/protocol/room.ts';
import type { LogEntry } from './log-line.ts';
import { allOf, boundOf, everyLine } from './redacts.ts';

/** Entries as clients get them, and how many of the same stretch of the log were left out. */
export type Visible = { entries: readonly LogEntry[]; omitted: number };

/**
 * What of a stretch of the log may be delivered: not what was thinned, and not what a later entry of the stretch redacts.
 * A redaction comes after what it redacts, so every stretch that reaches the end of the log knows all it needs.
 */
export function visibleOf(entries: readonly LogEntry[]): Visible {
  const redacted = redactedBy(entries);
  const shown = entries.filter((entry, i) => !entry.thinned && !isRedacted(entry, i));
  return { entries: shown, omitted: omittedOf(entries, shown) };

  function isRedacted({ entryId, senderId, atMs }: LogEntry, i: number): boolean {
    if (redacted.size === 0) return false;
    const isTakenBack = (what: string): boolean =>
      redacted.get(what)?.some(({ place, untilMs }) => place > i && atMs <= untilMs) ?? false;
    return isTakenBack(entryId) || isTakenBack(allOf(senderId)) || (entryId !== '' && isTakenBack(everyLine));
  }
}

/** How many of a stretch were left out of what is shown of it, as everybody may know. */
export const omittedOf = (stretch: readonly LogEntry[], shown: readonly LogEntry[]): number =>
  stretch.filter(({ unheard }) => !unheard).length - shown.length;

type Redaction = { place: number; untilMs: number };

/** What is redacted, by which places of the stretch, and until when it was said. What has no bound counts for all before it. */
function redactedBy(entries: readonly LogEntry[]): ReadonlyMap<string, readonly Redaction[]> {
  const redacted = new Map<string, Redaction[]>();
  entries.forEach(({ redacts }, place) => {
    for (const { what, untilMs } of redacts.map(boundOf)) {
      const earlier = untilMs === Infinity ? [] : (redacted.get(what) ?? []);
      redacted.set(what, [...earlier, { place, untilMs }]);
    }
  });
  return redacted;
}

/** One entry as JSON text. The body is passed on as it was written. */
export function entryText({ offset, atMs, kind, body }: LogEntry): string {
  return `{"offset":${offset},"atMs":${atMs},"kind":"${kind}","body":${body}}`;
}

/** One entry as it stands in an answer. */
export function entryOf({ offset, atMs, kind, body }: LogEntry): RoomEntry {
  return { offset, atMs, kind, body: JSON.parse(body) as unknown };
}

export type FrameParts = {
  roomId: string;
  epoch: string;
  from: number;
  to: number;
  atMs: number;
  visible: Visible;
  aggregates: Aggregates | null;
  /** Of a frame that makes everybody join again. */
  spreadMs?: number;
};

/** A RoomFrame as JSON text. @see RoomFrame in shared/protocol/room.ts */
export function frameText({ roomId, epoch, from, to, atMs, visible, aggregates, spreadMs }: FrameParts): string {
  const omitted = visible.omitted > 0 ? `,"omitted":${visible.omitted}` : '';
  const values = aggregates ? `,"aggregates":${JSON.stringify(aggregates)}` : '';
  const head = `"roomId":"${roomId}","epoch":"${epoch}","from":${from},"to":${to},"atMs":${atMs}`;
  const spread = spreadMs === undefined ? '' : `,"spreadMs":${spreadMs}`;
  return `{${head},"entries":[${visible.entries.map(entryText).join(',')}]${omitted}${values}${spread}}`;
}
