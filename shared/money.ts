import { z } from 'zod';

/** ISO 4217 code, upper case. */
export const Currency = z.string().regex(/^[A-Z]{3}$/);

/** An amount in the smallest unit of its currency (cents, fen, yen). Never a fraction, never without currency. */
export const Money = z.object({ minor: z.int().nonnegative(), currency: Currency });
export type Money = z.infer<typeof Money>;

/** Digits after the point that a currency's minor unit stands for. */
export function minorDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Text for people, in their language. */
export function formatMoney({ minor, currency }: Money, locale: string): string {
  const amount = minor / 10 ** minorDigits(currency);
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount);
}

/** Price of several units. Throws RangeError outside the safe integers, where cents would get lost. */
export function times(price: Money, units: number): Money {
  const minor = price.minor * units;
  if (!Number.isSafeInteger(minor)) throw new RangeError(`${price.minor} x ${units} is not a safe amount`);
  return { minor, currency: price.currency };
}

/** Sum of amounts of one currency. Throws TypeError when currencies differ. */
export function sum(amounts: readonly Money[], currency: string): Money {
  let minor = 0;
  for (const amount of amounts) {
    if (amount.currency !== currency) throw new TypeError(`cannot add ${amount.currency} to ${currency}`);
    minor += amount.minor;
  }
  return { minor, currency };
}
