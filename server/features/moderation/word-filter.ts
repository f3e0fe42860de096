import AhoCorasick from 'modern-ahocorasick';
import { characterAt, fold, foldWord, type Folded } from './folding.ts';

/** A word as it was entered, and where it stands in the text, in UTF-16 units; `end` is exclusive. */
export type FoundWord = { word: string; start: number; end: number };

export type WordFilter = { find(text: Folded): FoundWord | null };

/**
 * Finds the first banned word in a text, however it is written. All words are searched for in one pass.
 *
 * Words in Latin letters must begin and end where a word does, so that "class" is not taken for what it contains; "w e c h a t"
 * still is one. A word ends too where another script begins, or a number: 加whatsapp聊 and whatsapp138 hold it. Scripts without
 * spaces match anywhere.
 */
export function createWordFilter(words: readonly string[]): WordFilter {
  const byFolded = new Map(words.map((word) => [foldWord(word), word]));
  byFolded.delete('');
  if (byFolded.size === 0) return { find: () => null };
  const matcher = new AhoCorasick([...byFolded.keys()]);

  return {
    find(folded) {
      for (const { pattern, start, end } of matcher.iterate(folded.text)) {
        const place = originalPlace(folded, start, end);
        if (!isLatin.test(pattern) || standsAlone(folded.original, place))
          return { word: byFolded.get(pattern)!, ...place };
      }
      return null;
    },
  };
}

const isLatin = /^[a-z0-9]+$/;
/** Two characters, folded, that belong to one word or one number. */
const belongTogether = /[a-z]{2}|[0-9]{2}/;
const lastCharacter = /.$/su;
const firstCharacter = /^./su;

function originalPlace({ original, from }: Folded, start: number, end: number): { start: number; end: number } {
  const last = from[end - 1]!;
  return { start: from[start]!, end: last + characterAt(original, last).length };
}

/** Folded one at a time, because between folded letters there is no space left to see. */
function standsAlone(text: string, { start, end }: { start: number; end: number }): boolean {
  const before = lastCharacter.exec(text.slice(Math.max(0, start - 2), start))?.[0] ?? '';
  const after = firstCharacter.exec(text.slice(end, end + 2))?.[0] ?? '';
  const word = fold(text.slice(start, end)).text;
  const atItsStart = belongTogether.test(fold(before).text.slice(-1) + word.charAt(0));
  const atItsEnd = belongTogether.test(word.slice(-1) + fold(after).text.slice(0, 1));
  return !atItsStart && !atItsEnd;
}
