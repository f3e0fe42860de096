import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';

/** `early`: everybody, but fans of a level first. */
export const audienceKeys = ['all', 'early', 'followers', 'fans'] as const;
type AudienceKey = (typeof audienceKeys)[number];

/** What stands in the fields; all but `who` is typed. */
export type FlashSaleWish = {
  price: string;
  units: string;
  limit: string;
  countdownSeconds: string;
  minutes: string;
  who: AudienceKey;
  fanLevel: string;
  earlySeconds: string;
};

/** Of the price that it has now. */
const usualShare = 0.8;
const usualUnits = 10;

/** A fifth off, ten units, one per person, ten seconds to the start, five minutes long: what most flash sales are. */
export const usualFlashSale = ({ priceMinor, currency }: Offer): FlashSaleWish => ({
  price: toMajor(Math.round(priceMinor * usualShare), currency),
  units: String(usualUnits),
  limit: '1',
  countdownSeconds: '10',
  minutes: '5',
  who: 'all',
  fanLevel: '1',
  earlySeconds: '30',
});

/** The same wish, where nobody has touched the units, with no more than the stock has. */
export const withinStock = (wish: FlashSaleWish, freeUnits: number): FlashSaleWish =>
  wish.units === String(usualUnits) && freeUnits < usualUnits
    ? { ...wish, units: String(Math.max(1, freeUnits)) }
    : wish;

/** The terms of an offer, as the form says them. @throws AppError BAD_INPUT for a price that is no amount. */
export const flashSaleTerms = (wish: FlashSaleWish, { skuId, currency, listPriceMinor }: Offer) => ({
  skuId,
  kind: 'flash' as const,
  priceMinor: fromMajor(wish.price, currency),
  listPriceMinor,
  allotmentUnits: Number(wish.units),
  limitUnits: Number(wish.limit),
  countdownSeconds: Number(wish.countdownSeconds),
  durationSeconds: Math.round(Number(wish.minutes) * 60),
  audience: audienceOf(wish),
});

function audienceOf({ who, fanLevel, earlySeconds }: FlashSaleWish): Offer['audience'] {
  const levelMin = Number(fanLevel);
  if (who === 'early') return { who: 'all', early: { levelMin, seconds: Number(earlySeconds) } };
  return who === 'fans' ? { who, levelMin } : { who };
}
