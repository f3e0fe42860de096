import type { TaskProgress } from '../../../shared/protocol/giveaway.ts';
import type { Task } from '../../../shared/raffle/rules.ts';
import type { EntrantFacts } from './entrant-facts.ts';

/** Somebody seen this long ago counts as present: three reports of a gateway may be late. */
export const presentWithinMs = 20_000;

/**
 * How far a person is with each task of a giveaway. Presence is asked at the close: before it, the task shows whether one would count as
 * present now, and does not keep anybody from entering.
 */
export function progressOf(tasks: readonly Task[], facts: EntrantFacts, nowMs: number): TaskProgress[] {
  return tasks.map((task) => {
    const { have, need } = measure(task, facts, nowMs);
    return { task: task.task, done: have >= need, have: Math.min(have, need), need };
  });
}

/** Tasks that must be done before one may enter, and are not. */
export function missingFor(tasks: readonly Task[], facts: EntrantFacts, nowMs: number): TaskProgress[] {
  return progressOf(tasks, facts, nowMs).filter(({ task, done }) => !done && task !== 'present-at-draw');
}

function isPresent({ seenAtMs }: { seenAtMs: number }, nowMs: number): boolean {
  return nowMs - seenAtMs <= presentWithinMs;
}

function measure(task: Task, facts: EntrantFacts, nowMs: number): { have: number; need: number } {
  switch (task.task) {
    case 'follow':
      return { have: Number(facts.follows), need: 1 };
    case 'fan-club':
      return { have: facts.fanLevel, need: task.levelMin };
    case 'comment':
      return { have: Number(facts.saidKeyword), need: 1 };
    case 'watch':
      return { have: Math.floor(facts.watchedMs / 60_000), need: task.minutes };
    case 'present-at-draw':
      return { have: Number(isPresent(facts, nowMs)), need: 1 };
    case 'bought-in-room':
      return { have: Number(facts.boughtInRoom), need: 1 };
  }
}
