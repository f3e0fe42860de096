import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../shared/errors.ts';

/** A change that is asked for: of what, as it is now, and as it is to be. Versions rise with every change. */
type Change = { seenVersion: number | undefined; version: number; before: object; after: object };

/**
 * Of two who change a thing in one moment, the second has not seen what it has become. Asked while it is locked. A change that is asked for
 * again after a lost answer finds all as it was wished, and passes; so does who does not say what they saw.
 *
 * @throws AppError CONFLICT when it is not the version that was seen.
 */
export function assertSeen({ seenVersion, version, before, after }: Change): void {
  if (seenVersion === undefined || seenVersion === version || isDeepStrictEqual(before, after)) return;
  throw new AppError('CONFLICT', 'This was changed meanwhile. Look at it anew.', { reason: 'changed-meanwhile' });
}
