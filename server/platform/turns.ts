import { AppError } from '../../shared/errors.ts';

export type TurnLimits = {
  atOnce: number;
  /** Who waits for a turn; past it the answer is RETRY. */
  waitingMax: number;
  retryAfterMs: number;
};

/** Lets heavy work of a process take turns, in the order it came, before it takes anything that others need. */
export function createTurns({ atOnce, waitingMax, retryAfterMs }: TurnLimits) {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnce) {
      if (waiting.length >= waitingMax) throw new AppError('RETRY', undefined, { retryAfterMs });
      await new Promise<void>((resolve) => void waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      // Whoever waits longest goes on in our place.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
