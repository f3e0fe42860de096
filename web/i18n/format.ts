import { amountText } from '../../shared/codes.ts';
import type { Money } from '../../shared/money.ts';
import { language } from './language.ts';

/** 1234 → "1,234"; from ten thousand on shortened: "12.3K", "1.2万". */
export function count(value: number): string {
  const short = value >= 10_000;
  return new Intl.NumberFormat(
    language.get(),
    short ? { notation: 'compact', maximumFractionDigits: 1 } : undefined,
  ).format(value);
}

/** 12345 → "12,345", however many: for numbers that name something, or count what is in stock. */
export const whole = (value: number): string => new Intl.NumberFormat(language.get()).format(value);

export const percent = (share: number): string =>
  new Intl.NumberFormat(language.get(), { style: 'percent', maximumFractionDigits: 1 }).format(share);

/** 1,240,000 bits a second → "1.2 Mbit/s". */
export const megabits = (bitsPerSecond: number): string =>
  `${new Intl.NumberFormat(language.get(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(bitsPerSecond / 1e6)} Mbit/s`;

/** As formatMoney of shared/money.ts, without the schema library that comes with it: that would double the first download. */
export const money = ({ minor, currency }: Money): string => amountText(minor, currency, language.get());

/** "€12.00 – €18.00", or the one price where they are the same. */
export const moneyRange = (fromMinor: number, toMinor: number, currency: string): string =>
  [...new Set([fromMinor, toMinor])].map((minor) => money({ minor, currency })).join(' – ');

/** Day and time in the viewer's own zone. */
export const dayAndTime = (atMs: number): string =>
  new Intl.DateTimeFormat(language.get(), { dateStyle: 'medium', timeStyle: 'short' }).format(atMs);

export const timeOfDay = (atMs: number): string =>
  new Intl.DateTimeFormat(language.get(), { timeStyle: 'short' }).format(atMs);

/** 75 s → "1:15", 3 h and a bit → "3:00:12", 2 days → "48:00:00". Never negative. */
export function clockOf(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
