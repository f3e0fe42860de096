import type { Offer } from '../../../shared/protocol/offer.ts';

/** `early`: everybody, but fans of a level first. */
export const audienceKeys = ['all', 'early', 'followers', 'fans'] as const;

/** Who may buy, as it stands in the fields; all but `who` is typed. */
export type AudienceWish = { who: (typeof audienceKeys)[number]; fanLevel: string; earlySeconds: string };

export const everybody: AudienceWish = { who: 'all', fanLevel: '1', earlySeconds: '30' };

export function audienceOf({ who, fanLevel, earlySeconds }: AudienceWish): Offer['audience'] {
  const levelMin = Number(fanLevel);
  if (who === 'early') return { who: 'all', early: { levelMin, seconds: Number(earlySeconds) } };
  return who === 'fans' ? { who, levelMin } : { who };
}

/** The same of an offer; null where only winners may buy, which no field says. */
export function audienceWishOf(audience: Offer['audience']): AudienceWish | null {
  if (audience.who === 'right') return null;
  if (audience.who === 'followers') return { ...everybody, who: 'followers' };
  if (audience.who === 'fans') return { ...everybody, who: 'fans', fanLevel: String(audience.levelMin) };
  if (!audience.early) return everybody;
  const { levelMin, seconds } = audience.early;
  return { who: 'early', fanLevel: String(levelMin), earlySeconds: String(seconds) };
}
