import type { Log } from '../../platform/log.ts';

/** Tries after the first one, and the wait before each, ms. */
const retryAfterMs = [200, 1_000, 5_000, 15_000, 30_000] as const;

/** `lost`: what is logged when no try went well. */
export type Persist = (run: () => Promise<unknown>, lost?: string) => Promise<void>;

/**
 * For news of what is committed already: the first try is waited for, later ones happen in the background. What fails to the
 * end is logged; the snapshot of the next reader has it all the same.
 */
export function createPersist(log: Log): Persist {
  return (run, lost = 'news of a change never reached its room') => attempt(run, lost, 0);

  async function attempt(run: () => Promise<unknown>, lost: string, tries: number): Promise<void> {
    try {
      await run();
    } catch (error) {
      const waitMs = retryAfterMs[tries];
      if (waitMs === undefined) return log.error({ err: error }, lost);
      setTimeout(() => void attempt(run, lost, tries + 1), waitMs).unref();
    }
  }
}
