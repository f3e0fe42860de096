import { z } from 'zod';
import { amountText, isCurrency, minorDigits } from './codes.ts';

/** ISO 4217 code of a currency in use, upper case. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { message: 'must be three capital letters', abort: true })
  .refine(isCurrency, { message: 'is no currency of ISO 4217' });

/** An amount in the smallest unit of its currency (cents, fen, yen). Never a fraction, never without currency. */
export const Money = z.object({ minor: z.int().nonnegative(), currency: Currency });
export type Money = z.infer<typeof Money>;

/** The amount as files have it: 1250 cents are 12.50. */
export function decimalText({ minor, currency }: Money): string {
  const digits = minorDigits(currency);
  return (minor / 10 ** digits).toFixed(digits);
}

/** Text for people, in their language. */
export const formatMoney = ({ minor, currency }: Money, locale: string): string => amountText(minor, currency, locale);
