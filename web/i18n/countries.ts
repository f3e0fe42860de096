import { countryCodes } from '../../shared/codes.ts';
import { language } from './language.ts';

const namesIn = (lang: string) => new Intl.DisplayNames(lang, { type: 'region', fallback: 'code' });

/** "ES" → "Spain", "西班牙". */
export const countryName = (code: string): string => namesIn(language.get()).of(code) ?? code;

/** All countries by name, in the order of the person's language. */
export function countryChoices(): { key: string; label: string }[] {
  const names = namesIn(language.get());
  const { compare } = new Intl.Collator(language.get());
  return countryCodes.map((key) => ({ key, label: names.of(key) ?? key })).sort((a, b) => compare(a.label, b.label));
}

/** Where a person with this language and browser most likely lives. */
export function likelyCountry(): string {
  if (language.get() === 'zh-CN') return 'CN';
  const region = new Intl.Locale(navigator.language).maximize().region ?? '';
  return countryCodes.includes(region) ? region : 'US';
}
