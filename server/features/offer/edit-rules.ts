import { AppError } from '../../../shared/errors.ts';
import type { OfferRow } from './offer-row.ts';
import type { OfferTermsInput } from './offer-store.ts';

/** What may still change once people can see the offer. Who may buy, and how long they wait for it, is settled then. */
const whileOpen = {
  cart: ['priceMinor', 'listPriceMinor', 'limitUnits', 'allotmentUnits'],
  // The price of a flash sale is what people came for.
  flash: ['limitUnits', 'allotmentUnits', 'durationSeconds'],
} as const satisfies Record<OfferRow['kind'], readonly (keyof OfferTermsInput)[]>;

/** @throws AppError CONFLICT naming what may not change, BAD_INPUT when the terms would not fit the kind of offer. */
export function assertMayChange(offer: OfferRow, changes: Partial<OfferTermsInput>, nowMs: number): void {
  if (offer.state === 'closed') throw new AppError('CONFLICT', 'This offer has ended.');
  const allowed: readonly string[] = whileOpen[offer.kind];
  const refused = Object.keys(changes).filter((name) => offer.state === 'open' && !allowed.includes(name));
  if (refused.length > 0) throw new AppError('CONFLICT', `While it is open these can't change: ${refused.join(', ')}.`);
  if (offer.kind === 'cart' && (changes.durationSeconds || changes.countdownSeconds))
    throw new AppError('BAD_INPUT', 'A cart item has no countdown and no duration.');
  const { durationSeconds } = changes;
  if (durationSeconds && offer.opensAtMs !== null && offer.opensAtMs + durationSeconds * 1_000 < nowMs)
    throw new AppError('CONFLICT', 'It would have ended already; close it instead.');
}
