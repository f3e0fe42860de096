import { AppError } from '../../shared/errors.ts';

const triesMax = 3;
/** Before the second try, ms, and as long again before the third: what was faster may be at it still, as where the sale of an offer is loaded anew. */
const pauseMs = 150;

/**
 * Reads a thing, and saves what was written over it as it was read. Whom somebody else comes before in that moment reads it anew: what they
 * made of it is never written over unseen. `attempt` gives the version that it read along when it saves.
 *
 * @throws AppError CONFLICT when others were faster each time.
 */
export async function onNewest<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isMeanwhile(error) || tries === triesMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, tries * pauseMs));
    }
  }
}

/** Somebody else was faster, and nothing was done. */
export const isMeanwhile = (error: unknown): boolean =>
  error instanceof AppError && error.extras.reason === 'changed-meanwhile';
