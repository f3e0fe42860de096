import { lineOf } from '../../../shared/text.ts';

/** More marks on one letter than any language has climb over the lines above. */
const tooManyMarks = /(\p{Mn}{4})\p{Mn}+/gu;

/** A chat line as it may be shown: one line, in order, nothing unseen in it. Empty when nothing is left. */
export function cleanText(text: string): string {
  return lineOf(text).replace(tooManyMarks, '$1').normalize('NFC');
}

/** What follows the last dot of addresses that people are led to; not the small words that sentences begin with. */
const domainEnds = [
  ...['com', 'net', 'org', 'info', 'biz', 'cn', 'hk', 'tw', 'jp', 'kr', 'sg', 'uk', 'de', 'fr', 'ru', 'eu'],
  ...['nl', 'es', 'ca', 'au', 'nz', 'br', 'mx', 'ar', 'pl', 'cz', 'se', 'dk', 'fi', 'ch', 'pt'],
  ...['gr', 'ua', 'tr', 'il', 'za', 'ae', 'vn', 'th', 'ph', 'pk', 'bd', 'kz', 'su', 'ir'],
  ...['io', 'cc', 'co', 'tv', 'gg', 'ly', 'gl', 'ai', 'app', 'dev', 'link', 'live', 'online', 'site', 'store'],
  ...['shop', 'club', 'vip', 'win', 'fun', 'icu', 'xyz', 'top', 'click', 'page', 'web', 'tk'],
].join('|');
/** Ends in other letters, as they are read or as they travel. */
const foreignEnds = 'рф(?!\\p{Script=Cyrillic})|xn--[a-z\\d]';
/** Before a path any end is one: t.me/name, youtu.be/abc. */
const named = `[\\p{L}\\p{N}_-]\\.(?:(?:${domainEnds})\\b|${foreignEnds}|\\p{L}{2,}\\/[\\p{L}\\p{N}])`;
const link = new RegExp(`https?:\\/\\/|www\\.|${named}|\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b`, 'iu');

/** Something people could be led to: a link, or an address that is easily typed. Browsers take wide letters and the dot 。 too. */
export const hasLink = (text: string): boolean => link.test(text.normalize('NFKC').replaceAll(/[。｡]/g, '.'));
