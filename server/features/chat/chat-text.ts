/**
 * What can't be seen, or turns the direction of the lines around it: controls, overrides and isolates, fillers. The joiners
 * U+200C and U+200D stay, because Persian words and family emoji are made with them.
 */
const unseen =
  /[\p{Cc}\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFC]/gu;
const lineBreaks = /[\r\n\u0085\u2028\u2029\t]+/gu;
/** More marks on one letter than any language has climb over the lines above. */
const tooManyMarks = /(\p{Mn}{4})\p{Mn}+/gu;
const joinersOnly = /^[\u200C\u200D\s]*$/u;

/** A chat line as it may be shown: one line, in order, nothing unseen in it. Empty when nothing is left. */
export function cleanText(text: string): string {
  const clean = text.toWellFormed().replace(lineBreaks, ' ').replace(unseen, '').replace(tooManyMarks, '$1').trim();
  return joinersOnly.test(clean) ? '' : clean.normalize('NFC');
}

/** Something people could be led to: a link, or an address that is easily typed. */
export const hasLink = (text: string): boolean =>
  /(https?:\/\/|www\.|\b[\w-]+\.(com|net|org|cn|io|me|cc|xyz|top|shop)\b)/i.test(text);

/** The beginning of a text, cut between graphemes. */
export function excerptOf(text: string, charactersMax: number): string {
  const segments = [...segmenter.segment(text)];
  if (segments.length <= charactersMax) return text;
  return `${segments
    .slice(0, charactersMax)
    .map(({ segment }) => segment)
    .join('')}…`;
}

const segmenter = new Intl.Segmenter();
