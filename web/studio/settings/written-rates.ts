import { fromMajor, toMajor } from '../../i18n/amounts.ts';
import type { Language } from '../../i18n/language.ts';
import { localized } from '../../room/offers.ts';
import type { ShippingRate } from '../../../shared/protocol/order.ts';

type Name = ShippingRate['name'];

/** A rate as it is typed. `saved`: its names as the shop has them; null for a new row. `lang`: what `name` is written in. */
export type WrittenRate = {
  saved: Name | null;
  lang: Language;
  name: string;
  fee: string;
  freeFrom: string;
  countries: string;
};

export const newRate = (lang: Language): WrittenRate => ({
  saved: null,
  lang,
  name: '',
  fee: '0',
  freeFrom: '',
  countries: '',
});

/** What a list of countries looks like, as the `pattern` of a field: codes of two letters, apart. */
export const countriesPattern = '\\s*([A-Za-z]{2}([\\s,，、;]+|$))*';

export const writtenRate = (rate: ShippingRate, currency: string, lang: Language): WrittenRate => ({
  saved: rate.name,
  lang,
  name: localized(rate.name, lang),
  fee: toMajor(rate.feeMinor, currency),
  freeFrom: rate.freeFromMinor === null ? '' : toMajor(rate.freeFromMinor, currency),
  countries: rate.countries.join(', '),
});

/** The row for who reads another language now: what was typed stays, the name in that of before, too. */
export function inLanguage(row: WrittenRate, lang: Language): WrittenRate {
  if (row.lang === lang) return row;
  const names = nameOf(row.saved, row.name, row.lang);
  return { ...row, saved: row.saved && names, lang, name: localized(names, lang) };
}

/** @throws AppError BAD_INPUT for an amount that is none. */
export const rateOf = ({ saved, lang, name, fee, freeFrom, countries }: WrittenRate, currency: string) => ({
  name: nameOf(saved, name, lang),
  feeMinor: fromMajor(fee, currency),
  freeFromMinor: freeFrom.trim() ? fromMajor(freeFrom, currency) : null,
  countries: countries.toUpperCase().match(/[A-Z]{2}/g) ?? [],
});

/** One field, two names: whoever changes one keeps the other, unless both were the same or there was one only. */
function nameOf(saved: Name | null, typed: string, lang: Language): Name {
  if (!saved || saved.en === saved.zh || !saved.en || !saved.zh) return { en: typed, zh: typed };
  return lang === 'zh-CN' ? { ...saved, zh: typed } : { ...saved, en: typed };
}
