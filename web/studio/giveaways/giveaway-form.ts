import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Task } from '../../../shared/raffle/rules.ts';

export type GiveawayKind = 'lucky-bag' | 'raffle-drop';

/** What stands in the fields. Five minutes, one prize, be there until it closes: the lucky bag that most shows have. */
export const usualGiveaway = {
  what: '',
  value: '20',
  count: '1',
  minutes: '5',
  follow: true,
  fans: false,
  comment: '',
  watch: '',
  present: true,
  offerId: '',
  price: '',
  rightMinutes: '10',
  beacon: false,
};
export type GiveawayForm = typeof usualGiveaway;

/** What a drop can be made of: something in the running order that is not for winners already. */
export const mayBeDropped = ({ kind, audience, state }: Offer): boolean =>
  kind === 'cart' && audience.who !== 'right' && state !== 'ended';

/** The price of a drop: as typed, else that of the product. */
export const dropPriceOf = ({ price }: GiveawayForm, product: Offer | undefined): string =>
  price || (product ? toMajor(product.priceMinor, product.currency) : '');

/** @throws AppError BAD_INPUT for a value that is no amount. */
export const goodsOf = ({ what, value }: GiveawayForm, currency: string) => ({
  prize: 'goods' as const,
  what,
  valueMinor: fromMajor(value, currency),
  currency,
});

/** Terms of the winners' own offer: as many units as prizes, one for each, and for nobody else. */
export const offerForWinners = ({ roomId, skuId, listPriceMinor }: Offer, priceMinor: number, units: number) => ({
  roomId,
  skuId,
  kind: 'cart' as const,
  priceMinor,
  listPriceMinor,
  allotmentUnits: units,
  limitUnits: 1,
  audience: { who: 'right' as const },
});

export function tasksOf({ follow, fans, comment, watch, present }: GiveawayForm): Task[] {
  return [
    ...(follow ? [{ task: 'follow' as const }] : []),
    ...(fans ? [{ task: 'fan-club' as const, levelMin: 1 }] : []),
    ...(comment ? [{ task: 'comment' as const, keyword: comment }] : []),
    ...(watch ? [{ task: 'watch' as const, minutes: Number(watch) }] : []),
    ...(present ? [{ task: 'present-at-draw' as const }] : []),
  ];
}
