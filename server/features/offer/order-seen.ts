import { AppError } from '../../../shared/errors.ts';

/**
 * Of two who set the order of a cart at once the second is told. What came or went meanwhile is no other order.
 *
 * @param now  the order of what is not over; `seen`: as whoever asks saw it, undefined when they do not say.
 * @throws AppError CONFLICT when it is neither the order that was seen nor the one that is asked for.
 */
export function assertOrderSeen(
  now: readonly string[],
  seen: readonly string[] | undefined,
  wanted: readonly string[],
): void {
  if (!seen || isSameOrder(now, seen)) return;
  const named = new Set(wanted);
  const inPlay = new Set(now);
  const after = [...wanted.filter((id) => inPlay.has(id)), ...now.filter((id) => !named.has(id))];
  if (after.join() === now.join()) return;
  throw new AppError('CONFLICT', 'The order was changed meanwhile. Look at it anew.', { reason: 'changed-meanwhile' });
}

function isSameOrder(one: readonly string[], other: readonly string[]): boolean {
  const [ofOne, ofOther] = [new Set(one), new Set(other)];
  return one.filter((id) => ofOther.has(id)).join() === other.filter((id) => ofOne.has(id)).join();
}
