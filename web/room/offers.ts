import type { Offer } from '../../shared/protocol/offer.ts';
import type { Money } from '../../shared/money.ts';
import type { Language } from '../i18n/language.ts';

/** All offers of a room, in the order of its bag; those that are over, too: whoever looks at one is told so. */
export type Offers = readonly Offer[];

export const changed = (offers: Offers, offer: Offer): Offers =>
  offers.some(({ offerId }) => offerId === offer.offerId)
    ? offers.map((old) => (old.offerId === offer.offerId && old.epoch <= offer.epoch ? offer : old))
    : [...offers, offer];

export const patched = (offers: Offers, offerId: string, patch: Partial<Offer>): Offers =>
  offers.map((offer) => (offer.offerId === offerId ? { ...offer, ...patch } : offer));

/** Offers that are not named follow in their old order. */
export function ordered(offers: Offers, offerIds: readonly string[]): Offers {
  const place = new Map(offerIds.map((offerId, index) => [offerId, index]));
  const placeOf = ({ offerId }: Offer) => place.get(offerId) ?? offerIds.length;
  return [...offers].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Those that are named change places among themselves. Drafts, of which a room is not told, stay where they are. */
export function rearranged(offers: Offers, offerIds: readonly string[]): Offers {
  const byId = new Map(offers.map((offer) => [offer.offerId, offer]));
  const named = offerIds.flatMap((offerId) => byId.get(offerId) ?? []);
  const isNamed = new Set(named);
  let next = 0;
  return offers.map((offer) => (isNamed.has(offer) ? named[next++]! : offer));
}

/** Units left travel as the latest value, apart from what happens: `left:OFFER_ID`. */
export function withUnitsLeft(offers: Offers, aggregates: Readonly<Record<string, number | string>>): Offers {
  let differs = false as boolean; // Set in the callback below, which the compiler does not follow.
  const next = offers.map((offer) => {
    const left = aggregates[`left:${offer.offerId}`];
    if (typeof left !== 'number' || left === offer.unitsLeft) return offer;
    differs = true;
    return { ...offer, unitsLeft: left };
  });
  return differs ? next : offers;
}

/** The newest pin comes first. */
export const pinnedOf = (offers: Offers): Offers =>
  offers
    .filter(({ pinnedAtMs, state }) => pinnedAtMs !== null && state !== 'ended')
    .sort((a, b) => (b.pinnedAtMs ?? 0) - (a.pinnedAtMs ?? 0));

/** On sale, or announced: viewers see it in the bag, and it may be pinned. */
export const isOn = ({ state }: Offer): boolean => state === 'open' || state === 'announced';

export const inBag = (offers: Offers): Offers => offers.filter(isOn);

/** A flash sale is made of something in the bag; it takes units of its own. */
export const mayBeFlashed = ({ kind, state }: Offer): boolean => kind === 'cart' && state !== 'ended';

export const priceOf = ({ priceMinor, currency }: Offer): Money => ({ minor: priceMinor, currency });

/** What may be struck beside a price: the list price is the word of a shop, and may never have been asked. */
export const priceBefore = ({ listPriceMinor, lowestPriceMinor, currency }: Offer): Money => ({
  minor: Math.min(listPriceMinor, lowestPriceMinor ?? listPriceMinor),
  currency,
});

/** The list price where it says more than may be struck, and the lowest of thirty days beside it. */
export const listPriceOf = ({ priceMinor, listPriceMinor, lowestPriceMinor, currency }: Offer): Money | null =>
  listPriceMinor > Math.max(priceMinor, lowestPriceMinor ?? listPriceMinor)
    ? { minor: listPriceMinor, currency }
    : null;

/** The lowest price of thirty days, to be told wherever the shop names a higher one, struck or not, and nowhere else. */
export const lowestOf = ({ priceMinor, listPriceMinor, lowestPriceMinor, currency }: Offer): Money | null =>
  lowestPriceMinor !== null && listPriceMinor > priceMinor ? { minor: lowestPriceMinor, currency } : null;

/** Fewer than the limit when others left fewer; who waits for a sold-out one may wish for more than none. */
export const unitsMaxOf = ({ limitUnits, unitsLeft }: Offer): number =>
  unitsLeft > 0 ? Math.min(limitUnits, unitsLeft) : limitUnits;

/** The title in the reader's language, or in the other one where there is none. */
export const localized = ({ en, zh }: { en: string; zh: string }, language: Language): string =>
  language === 'zh-CN' ? zh || en : en || zh;
