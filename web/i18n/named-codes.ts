import { language } from './language.ts';

type Kind = 'region' | 'currency';

const namesOf = (kind: Kind) => new Intl.DisplayNames(language.get(), { type: kind, fallback: 'code' });

/** "ES" → "Spain", "西班牙". */
export const nameOfCode = (code: string, kind: Kind): string => namesOf(kind).of(code) ?? code;

/** To choose from, by name, in the order of the person's language. */
export function namedChoices(codes: readonly string[], kind: Kind): { key: string; label: string }[] {
  const names = namesOf(kind);
  const { compare } = new Intl.Collator(language.get());
  return codes.map((key) => ({ key, label: names.of(key) ?? key })).sort((a, b) => compare(a.label, b.label));
}
