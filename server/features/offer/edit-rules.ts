import { AppError } from '../../../shared/errors.ts';
import { isEnded, type OfferRow } from './offer-row.ts';
import type { OfferTermsInput } from './offer-store.ts';

/** What may still change once people can see the offer. Who may buy, and how long they wait for it, is settled then. */
const whileOpen = {
  cart: ['priceMinor', 'listPriceMinor', 'limitUnits', 'allotmentUnits'],
  // The price of a flash sale is what people came for.
  flash: ['limitUnits', 'allotmentUnits', 'durationSeconds'],
} as const satisfies Record<OfferRow['kind'], readonly (keyof OfferTermsInput)[]>;

type Change = Partial<OfferTermsInput>;

/** What raffle drops published: a win is worth what it was worth when people entered. */
export const promisedText =
  'A raffle drop has promised this offer: its price, limit, units and end stay until that is over.';

/** `isPromised`: somebody may win the right to buy it, or has. @throws AppError CONFLICT naming what may not change, BAD_INPUT when the terms would not fit the kind of offer. */
export function assertMayChange(offer: OfferRow, changes: Change, isPromised: boolean, nowMs: number): void {
  if (isEnded(offer)) throw new AppError('CONFLICT', 'This offer has ended.', { reason: 'offer-ended' });
  const allowed: readonly string[] = whileOpen[offer.kind];
  const refused = Object.keys(changes).filter((name) => offer.state === 'open' && !allowed.includes(name));
  if (refused.length > 0)
    throw new AppError('CONFLICT', `While it is open these can't change: ${refused.join(', ')}.`, {
      reason: 'terms-fixed',
    });
  if (isPromised && breaksPromise(offer, changes))
    throw new AppError('CONFLICT', promisedText, { reason: 'offer-promised' });
  if (offer.kind === 'cart' && (changes.durationSeconds || changes.countdownSeconds))
    throw new AppError('BAD_INPUT', 'A cart item has no countdown and no duration.');
  const { durationSeconds } = changes;
  if (durationSeconds && offer.opensAtMs !== null && offer.opensAtMs + durationSeconds * 1_000 < nowMs)
    throw new AppError('CONFLICT', 'It would have ended already; close it instead.', { reason: 'end-passed' });
}

/** More units, or more for each, take nothing from anybody who won. */
function breaksPromise(offer: OfferRow, changes: Change): boolean {
  const { priceMinor, limitUnits, allotmentUnits } = { ...offer, ...changes };
  return priceMinor !== offer.priceMinor || limitUnits < offer.limitUnits || allotmentUnits < offer.allotmentUnits;
}
