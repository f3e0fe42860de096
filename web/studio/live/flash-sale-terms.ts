import { amountIn, fromMajor, toMajor } from '../../i18n/amounts.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import { audienceOf, everybody, type AudienceWish } from './audience-wish.ts';

/** What stands in the fields; all but `who` is typed. `opensAt` is local time, and empty for a sale that opens after its countdown. */
export type FlashSaleWish = AudienceWish & {
  price: string;
  units: string;
  limit: string;
  countdownSeconds: string;
  minutes: string;
  opensAt: string;
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
  opensAt: '',
  ...everybody,
});

/** The same wish, where nobody has touched the units, with no more than the stock has. */
export const withinStock = (wish: FlashSaleWish, freeUnits: number): FlashSaleWish =>
  wish.units === String(usualUnits) && freeUnits < usualUnits
    ? { ...wish, units: String(Math.max(1, freeUnits)) }
    : wish;

/** It would cost more than what stands in the bag beside it. */
export const isDearer = ({ price }: FlashSaleWish, { priceMinor, currency }: Offer): boolean =>
  (amountIn(price, currency) ?? 0) > priceMinor;

/** The terms of an offer, as the form says them. @throws AppError BAD_INPUT for a price that is no amount. */
export const flashSaleTerms = (wish: FlashSaleWish, { skuId, currency, listPriceMinor }: Offer) => ({
  skuId,
  kind: 'flash' as const,
  priceMinor: fromMajor(wish.price, currency),
  listPriceMinor,
  allotmentUnits: Number(wish.units),
  limitUnits: Number(wish.limit),
  countdownSeconds: wish.opensAt === '' ? Number(wish.countdownSeconds) : 0,
  durationSeconds: Math.round(Number(wish.minutes) * 60),
  audience: audienceOf(wish),
});

/** When it is to open, Unix ms; undefined: after its countdown. */
export const opensAtMsOf = ({ opensAt }: FlashSaleWish): number | undefined =>
  opensAt === '' ? undefined : new Date(opensAt).getTime();
