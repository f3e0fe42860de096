import { whole } from './format.ts';

const english = new Intl.PluralRules('en');

/** 1 → "1 message", 1234 → "1,234 messages". For English texts: Chinese words have one form. */
export const counted = (n: number, one: string, other: string): string =>
  `${whole(n)} ${english.select(n) === 'one' ? one : other}`;
