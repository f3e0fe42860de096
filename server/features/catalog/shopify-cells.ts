import { minorDigits } from '../../../shared/codes.ts';

/** What a cell says; `undefined` for one that can't be read. Cells are trimmed before. */

/** Minor units of an amount like 9.99; null for an empty cell. */
export function readAmount(text: string, currency: string): number | null | undefined {
  if (text === '') return null;
  const parts = /^(\d{1,12})(?:\.(\d+))?$/.exec(text);
  if (!parts) return undefined;
  const digits = minorDigits(currency);
  const fraction = (parts[2] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return undefined;
  return Number(parts[1]! + fraction.padEnd(digits, '0'));
}

/** Null for an empty cell. */
export function readFlag(text: string): boolean | null | undefined {
  if (text === '') return null;
  const word = text.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** A whole number; null for an empty cell. Spreadsheets like to write 3 as 3.0. */
export function readCount(text: string): number | null | undefined {
  if (text === '') return null;
  return /^-?\d{1,9}(\.0+)?$/.test(text) ? Math.trunc(Number(text)) : undefined;
}

/** A weight in grams, rounded; 0 for an empty cell. */
export function readGrams(text: string): number | undefined {
  if (text === '') return 0;
  return /^\d{1,9}(\.\d+)?$/.test(text) ? Math.round(Number(text)) : undefined;
}

export const readTags = (text: string): string[] =>
  [...new Set(text.split(',').map((tag) => tag.trim()))].filter((tag) => tag !== '');
