import { countryCodes } from '../../shared/codes.ts';
import { language } from './language.ts';
import { nameOfCode, namedChoices } from './named-codes.ts';

export const countryName = (code: string): string => nameOfCode(code, 'region');

export const countryChoices = () => namedChoices(countryCodes, 'region');

/** Where a person with this language and browser most likely lives. */
export function likelyCountry(): string {
  if (language.get() === 'zh-CN') return 'CN';
  const region = new Intl.Locale(navigator.language).maximize().region ?? '';
  return countryCodes.includes(region) ? region : 'US';
}
