import { lineOf } from '../../../shared/text.ts';

/** More marks on one letter than any language has climb over the lines above. */
const tooManyMarks = /(\p{Mn}{4})\p{Mn}+/gu;

/** A chat line as it may be shown: one line, in order, nothing unseen in it. Empty when nothing is left. */
export function cleanText(text: string): string {
  return lineOf(text).replace(tooManyMarks, '$1').normalize('NFC');
}

/** What follows the last dot of addresses that people are led to. */
const domainEnds = [
  ...['com', 'net', 'org', 'info', 'biz', 'cn', 'hk', 'tw', 'jp', 'kr', 'sg', 'us', 'uk', 'de', 'fr', 'ru', 'eu', 'in'],
  ...['nl', 'es', 'ca', 'au', 'nz', 'br', 'mx', 'ar', 'pl', 'cz', 'se', 'dk', 'fi', 'ch', 'pt'],
  ...['gr', 'ua', 'tr', 'il', 'za', 'ae', 'vn', 'th', 'my', 'ph', 'pk', 'bd', 'kz', 'su'],
  ...['io', 'me', 'cc', 'co', 'tv', 'gg', 'ly', 'gl', 'ai', 'app', 'dev', 'link', 'live', 'online', 'site', 'store'],
  ...['shop', 'club', 'vip', 'win', 'fun', 'icu', 'xyz', 'top', 'click', 'page', 'web', 'tk'],
].join('|');
const link = new RegExp(`https?:\\/\\/|www\\.|\\b[\\w-]+\\.(${domainEnds})\\b|\\b\\d{1,3}(\\.\\d{1,3}){3}\\b`, 'i');

/** Something people could be led to: a link, or an address that is easily typed. Browsers take wide letters and the dot 。 too. */
export const hasLink = (text: string): boolean => link.test(text.normalize('NFKC').replaceAll(/[。｡]/g, '.'));
