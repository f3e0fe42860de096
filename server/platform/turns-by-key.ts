import { AppError } from '../../shared/errors.ts';
import { createTurns, type TurnLimits } from './turns.ts';

/**
 * Turns of which one key never has all: work of a key that hangs holds up its own kind, and the others go on. Each key has its queue, and
 * who has got through it stands in the one of all.
 *
 * @param ofKey `waitingMax` smaller than that of all, so that those who wait with one key keep nobody else out
 * @param ofAll `waitingMax` counts who waits in any queue; past it the answer is RETRY
 */
export function createTurnsByKey({ ofKey, ofAll }: { ofKey: TurnLimits; ofAll: TurnLimits }) {
  const inTurnOfAll = createTurns(ofAll);
  /** Those with somebody at work or waiting. */
  const keys = new Map<string, { inTurn: ReturnType<typeof createTurns>; there: number }>();
  let there = 0;

  return async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { atOnce, waitingMax, retryAfterMs } = ofAll;
    if (there >= atOnce + waitingMax) throw new AppError('RETRY', undefined, { retryAfterMs });
    const own = keys.get(key) ?? { inTurn: createTurns(ofKey), there: 0 };
    keys.set(key, own);
    there += 1;
    own.there += 1;
    try {
      return await own.inTurn(() => inTurnOfAll(work));
    } finally {
      there -= 1;
      own.there -= 1;
      if (own.there === 0) keys.delete(key);
    }
  };
}
