import { AppError } from '../../../shared/errors.ts';
import { createTurns } from '../../platform/turns.ts';

/** Files in memory at once, from their first byte to their last product; others wait unread at their sender. */
const files = { atOnce: 4, waitingMax: 50, retryAfterMs: 5_000 };
/** Of them, files made into products at once. They do it in slices, and slices of several would add up to a long one. */
const reading = { atOnce: 1, waitingMax: files.atOnce, retryAfterMs: 5_000 };
/** And files written at once: writers wait for each other with a connection in their hands. */
const writing = { atOnce: 2, waitingMax: files.atOnce, retryAfterMs: 5_000 };

export type ImportPlaces = ReturnType<typeof createImportPlaces>;

/** Bounds what the files of all shops may take of this process together. */
export function createImportPlaces() {
  const inPlace = createTurns(files);
  const shopsAtIt = new Set<string>();

  return {
    /**
     * The whole way of one file. A shop has one place: nobody fills them all from one account.
     * @throws AppError RETRY while another file of the shop is at it, or too many wait.
     */
    async inPlace<T>(shopId: string, work: () => Promise<T>): Promise<T> {
      if (shopsAtIt.has(shopId))
        throw new AppError('RETRY', 'Another file of this shop is being imported.', {
          retryAfterMs: files.retryAfterMs,
        });
      shopsAtIt.add(shopId);
      try {
        return await inPlace(work);
      } finally {
        shopsAtIt.delete(shopId);
      }
    },
    /** Only with a place. */
    toRead: createTurns(reading),
    /** Only with a place. */
    toWrite: createTurns(writing),
  };
}
