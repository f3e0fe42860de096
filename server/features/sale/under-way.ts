import { AppError } from '../../../shared/errors.ts';

type Asker<Answer> = { resolve: (answer: Answer) => void; reject: (error: unknown) => void };
type Work<Answer> = { requestHash: string; beganAtMs: number; askers: Asker<Answer>[] };

type Needs = {
  /** Works at a time, those nobody waits for any more among them; past it the answer is RETRY. */
  worksMax: number;
  /** A clock that only goes forward. */
  nowMs: () => number;
  after: (ms: number, run: () => void) => void;
  /** Failed, but not with an AppError, after everybody who asked for it was told RETRY. */
  onLateFailure: (error: unknown) => void;
};

/**
 * Nobody waits longer for an answer, ms, whatever hangs behind it: a store that went silent, or a queue before it. An order of a sound server
 * takes some 20 ms; a commit that hangs is asked about before.
 */
export const answerMsMax = 2_000;
/** When to come again for what takes longer, ms. */
const retryAfterMs = 1_000;
/** Those who waited too long are told together, this often, ms. */
const lookEveryMs = 50;

/**
 * Work that is done once at a time under a key: who asks again while it is under way shares its answer. What takes too long is told RETRY to all
 * who wait for it and goes on; who asks for it before it has ended is told so at once.
 */
export function createUnderWay<Answer>({ worksMax, nowMs, after, onLateFailure }: Needs) {
  /** By key, oldest first. */
  const works = new Map<string, Work<Answer>>();
  /** Request hashes, by key, of those that took too long. */
  const late = new Map<string, string>();
  let isWatched = false;

  return {
    /** @throws AppError KEY_REUSED when something else is under way under this key; RETRY. */
    run(key: string, requestHash: string, work: () => Promise<Answer>): Promise<Answer> {
      const other = works.get(key);
      const asked = other?.requestHash ?? late.get(key);
      if (asked !== undefined && asked !== requestHash) return Promise.reject(new AppError('KEY_REUSED'));
      if (other) return answerOf(other);
      if (asked !== undefined || works.size + late.size >= worksMax) return Promise.reject(retry());
      const begun: Work<Answer> = { requestHash, beganAtMs: nowMs(), askers: [] };
      works.set(key, begun);
      watch(answerMsMax);
      work().then(
        (answer) => end(key, begun).forEach(({ resolve }) => resolve(answer)),
        (error: unknown) => fail(end(key, begun), error),
      );
      return answerOf(begun);
    },
  };

  function answerOf({ askers }: Work<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      askers.push({ resolve, reject });
    });
  }

  function end(key: string, { askers }: Work<Answer>): Asker<Answer>[] {
    if (!works.delete(key)) late.delete(key);
    return askers;
  }

  function fail(askers: readonly Asker<Answer>[], error: unknown): void {
    if (askers.length === 0 && !(error instanceof AppError)) onLateFailure(error);
    askers.forEach(({ reject }) => reject(error));
  }

  /** One timer for all: the first of them began first. */
  function watch(ms: number): void {
    if (isWatched) return;
    isWatched = true;
    after(ms, () => {
      isWatched = false;
      turnAway(nowMs() - answerMsMax);
    });
  }

  function turnAway(beganBeforeMs: number): void {
    for (const [key, work] of works) {
      if (work.beganAtMs > beganBeforeMs) return watch(Math.max(lookEveryMs, work.beganAtMs - beganBeforeMs));
      works.delete(key);
      late.set(key, work.requestHash);
      work.askers.splice(0).forEach(({ reject }) => reject(retry()));
    }
  }
}

const retry = (): AppError => new AppError('RETRY', undefined, { retryAfterMs });
