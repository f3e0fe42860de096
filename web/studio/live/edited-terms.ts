import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { audienceOf, audienceWishOf, everybody, type AudienceWish } from './audience-wish.ts';

/** What stands in the fields of an offer that is changed; all but `who` is typed. */
export type WrittenTerms = AudienceWish & {
  price: string;
  listPrice: string;
  units: string;
  limit: string;
  countdownSeconds: string;
  /** Empty for what has no end of its own. */
  minutes: string;
};

export const writtenTerms = (offer: Offer): WrittenTerms => ({
  price: toMajor(offer.priceMinor, offer.currency),
  listPrice: toMajor(offer.listPriceMinor, offer.currency),
  units: String(offer.allotmentUnits),
  limit: String(offer.limitUnits),
  countdownSeconds: String(offer.countdownSeconds),
  minutes: offer.durationSeconds === null ? '' : String(Number((offer.durationSeconds / 60).toFixed(2))),
  ...(audienceWishOf(offer.audience) ?? everybody),
});

export type TermName = keyof WrittenTerms;

/**
 * The form over the offer as others have made it meanwhile: what its writer did not touch is as they have it.
 *
 * @returns also which terms both have changed, and differently: whose word counts is for the writer to say, who knows of both then
 */
export function overNewer(before: Offer, now: Offer, written: WrittenTerms) {
  const [old, theirs] = [writtenTerms(before), writtenTerms(now)];
  const names = Object.keys(old) as TermName[];
  const touched = names.filter((name) => written[name] !== old[name]);
  return {
    written: { ...theirs, ...Object.fromEntries(touched.map((name) => [name, written[name]])) } as WrittenTerms,
    contested: touched.filter((name) => theirs[name] !== old[name] && theirs[name] !== written[name]),
  };
}

/** What may be changed of an offer besides its units and its limit: who sees it already counts on the rest. */
export const mayChange = ({ kind, state, audience, durationSeconds }: Offer) => ({
  price: kind === 'cart' || state === 'draft',
  duration: durationSeconds !== null,
  countdown: kind === 'flash' && state === 'draft',
  audience: state === 'draft' && audience.who !== 'right',
});

/**
 * What differs from the offer as it was when the form opened: what others changed meanwhile stays.
 *
 * @throws AppError BAD_INPUT for an amount that is none.
 */
export function termsChanged(before: Offer, written: WrittenTerms, may = mayChange(before)) {
  const old = writtenTerms(before);
  const minorOf = (typed: string) => fromMajor(typed, before.currency);
  const isNewAudience = JSON.stringify(audienceOf(written)) !== JSON.stringify(audienceOf(old));
  return {
    ...(Number(written.units) !== before.allotmentUnits && { allotmentUnits: Number(written.units) }),
    ...(Number(written.limit) !== before.limitUnits && { limitUnits: Number(written.limit) }),
    ...(may.price && written.price !== old.price && { priceMinor: minorOf(written.price) }),
    ...(may.price && written.listPrice !== old.listPrice && { listPriceMinor: minorOf(written.listPrice) }),
    ...(may.countdown &&
      written.countdownSeconds !== old.countdownSeconds && { countdownSeconds: Number(written.countdownSeconds) }),
    ...(may.duration &&
      written.minutes !== old.minutes && { durationSeconds: Math.round(Number(written.minutes) * 60) }),
    ...(may.audience && isNewAudience && { audience: audienceOf(written) }),
  };
}
