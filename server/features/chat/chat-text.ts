import { lineOf } from '../../../shared/text.ts';

/** More marks on one letter than any language has climb over the lines above. */
const tooManyMarks = /(\p{Mn}{4})\p{Mn}+/gu;

/** A chat line as it may be shown: one line, in order, nothing unseen in it. Empty when nothing is left. */
export function cleanText(text: string): string {
  return lineOf(text).replace(tooManyMarks, '$1').normalize('NFC');
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
