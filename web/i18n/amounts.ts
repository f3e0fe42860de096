import { minorDigits } from '../../shared/codes.ts';
import { AppError } from '../../shared/errors.ts';

/** Digits before the point at the most: more is a slip of the finger, and the server's limit is far below. */
const wholeDigitsMax = 12;

/**
 * What an amount looks like when it is typed, as the `pattern` of a field: digits, and after a point or comma at most as many
 * as the currency has. "1,990" is one yen to some and two thousand to others, so what could be either is no amount.
 */
export function amountPattern(currency: string): string {
  const digits = minorDigits(currency);
  const whole = `[0-9]{1,${wholeDigitsMax}}`;
  return digits === 0 ? `\\s*${whole}\\s*` : `\\s*${whole}([.,][0-9]{0,${digits}})?\\s*`;
}

/** 1990 EUR → "19.90", as it may be typed again. */
export function toMajor(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const text = String(minor).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** "19.90" or "19,9" → 1990; null when it is no amount. Digit by digit: a fraction of a float is not money. */
export function amountIn(text: string, currency: string): number | null {
  if (!new RegExp(`^${amountPattern(currency)}$`).test(text)) return null;
  const [whole = '', fraction = ''] = text.trim().split(/[.,]/);
  return Number(whole + fraction.padEnd(minorDigits(currency), '0'));
}

/** The amount of a form that was sent. @throws AppError BAD_INPUT for what is none; the field said so before. */
export function fromMajor(text: string, currency: string): number {
  const minor = amountIn(text, currency);
  if (minor === null) throw new AppError('BAD_INPUT', `“${text}” is not an amount.`);
  return minor;
}
