import type { Readable } from 'node:stream';
import { createTurns } from '../../platform/turns.ts';
import { createUploads, uploadsMax } from './uploads.ts';

const retryAfterMs = 5_000;
/** Whole files at work at once, from their first row to their last product; others wait in memory as they came. */
const working = { atOnce: 4, waitingMax: uploadsMax, retryAfterMs };
/** Of them, files made into products at once. They do it in slices, and slices of several would add up to a long one. */
const reading = { atOnce: 1, waitingMax: working.atOnce, retryAfterMs };
/** And files written at once: writers wait for each other with a connection in their hands. */
const writing = { atOnce: 2, waitingMax: working.atOnce, retryAfterMs };

export type ImportPlaces = ReturnType<typeof createImportPlaces>;

/** Bounds what the files of all shops may take of this process together. */
export function createImportPlaces(uploads = createUploads()) {
  const atWork = createTurns(working);

  return {
    /**
     * The whole way of one file, which takes a place only when all of it is there. A shop sends one at a time: nobody fills them all
     * from one account.
     * @throws AppError as `Uploads.whole`.
     */
    inPlace: <T>(shopId: string, file: Readable, work: (file: readonly Buffer[]) => Promise<T>): Promise<T> =>
      uploads.whole(shopId, file, (whole) => atWork(() => work(whole))),
    /** Only with a place. */
    toRead: createTurns(reading),
    /** Only with a place. */
    toWrite: createTurns(writing),
  };
}
