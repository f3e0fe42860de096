import type { Aggregates } from '../../../shared/protocol/room.ts';

/** Counts that only rise: a Redis that has forgotten some of them, and goes on from what was saved, takes nothing back here. */
const rising: ReadonlySet<string> = new Set(['likes', 'visitors']);
/** Aggregates leave together, at most this often, ms. */
export const gapMs = 500;
/** Of people: nobody reads a number that changes faster than this, ms. What is left for sale may. */
const counts: ReadonlySet<string> = new Set(['viewers', 'visitors', 'likes']);
export const countGapMs = 1_000;

/** The latest aggregates of one room on one gateway, and when what has changed of them may be shown. @param elapsedMs never jumps. */
export function createShownAggregates(known: Readonly<Aggregates>, elapsedMs: () => number) {
  const latest: Record<string, number | string> = { ...known };
  const dirty = new Set<string>();
  /** Of each count by itself: likes that come all the time must not hold up what says that a gateway's viewers are gone. */
  const countSentAtMs = new Map<string, number>();
  let sentAtMs = -Infinity;

  return {
    now: (): Aggregates => ({ ...latest }),
    set(values: Aggregates): void {
      for (const [name, value] of Object.entries(values)) {
        const before = latest[name];
        if (before === value || (rising.has(name) && Number(before) > Number(value))) continue;
        latest[name] = value;
        dirty.add(name);
      }
    },
    /** Until the first of what has changed may leave, ms; null when nothing has. */
    delayMs(): number | null {
      if (dirty.size === 0) return null;
      return Math.max(0, [...dirty].reduce((first, name) => Math.min(first, dueAtMs(name)), Infinity) - elapsedMs());
    },
    /** What has changed and may leave now, which it does with this; null when there is nothing. */
    takeDue(): Aggregates | null {
      const nowMs = elapsedMs();
      const due = [...dirty].filter((name) => dueAtMs(name) <= nowMs);
      if (due.length === 0) return null;
      sentAtMs = nowMs;
      for (const name of due) {
        dirty.delete(name);
        if (counts.has(name)) countSentAtMs.set(name, nowMs);
      }
      return Object.fromEntries(due.map((name) => [name, latest[name]!]));
    },
  };

  function dueAtMs(name: string): number {
    const ownMs = counts.has(name) ? (countSentAtMs.get(name) ?? -Infinity) + countGapMs : -Infinity;
    return Math.max(sentAtMs + gapMs, ownMs);
  }
}
