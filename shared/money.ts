import { z } from 'zod';
import { amountText, isCurrency } from './codes.ts';

/** ISO 4217 code of a currency in use, upper case. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { message: 'must be three capital letters', abort: true })
  .refine(isCurrency, { message: 'is no currency of ISO 4217' });

/** An amount in the smallest unit of its currency (cents, fen, yen). Never a fraction, never without currency. */
export const Money = z.object({ minor: z.int().nonnegative(), currency: Currency });
export type Money = z.infer<typeof Money>;

/** Text for people, in their language. */
export const formatMoney = ({ minor, currency }: Money, locale: string): string => amountText(minor, currency, locale);

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
