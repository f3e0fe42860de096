import { AppError } from '../../shared/errors.ts';
import { inTime } from './in-time.ts';
import { createTurns, type TurnLimits } from './turns.ts';

type Bounds = {
  /** `waitingMax` smaller than that of all, so that those who wait with one key keep nobody else out. */
  ofKey: TurnLimits;
  /**
   * `waitingMax` counts who waits in any queue; past it the answer is RETRY. Work that takes longer than `heldMsMax` gives its turn among all back,
   * and keeps that of its key: several keys that hang together hold up the others for so long at the most.
   */
  ofAll: TurnLimits & { heldMsMax: number };
};

/**
 * Turns of which one key never has all: work of a key that hangs holds up its own kind, and the others go on. Each key has its queue, and
 * who has got through it stands in the one of all.
 */
export function createTurnsByKey({ ofKey, ofAll }: Bounds) {
  const inTurnOfAll = createTurns(ofAll);
  /** Those with somebody at work or waiting. */
  const keys = new Map<string, { inTurn: ReturnType<typeof createTurns>; there: number }>();
  let there = 0;

  return async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const { atOnce, waitingMax, retryAfterMs, heldMsMax } = ofAll;
    if (there >= atOnce + waitingMax) throw new AppError('RETRY', undefined, { retryAfterMs });
    const own = keys.get(key) ?? { inTurn: createTurns(ofKey), there: 0 };
    keys.set(key, own);
    there += 1;
    own.there += 1;
    try {
      return await own.inTurn(async () => {
        const working = Promise.withResolvers<T>();
        await inTurnOfAll(() => {
          work().then(working.resolve, working.reject);
          return inTime(working.promise.then(nothing, nothing), heldMsMax, undefined);
        });
        return working.promise;
      });
    } finally {
      there -= 1;
      own.there -= 1;
      if (own.there === 0) keys.delete(key);
    }
  };
}

const nothing = (): undefined => undefined;
