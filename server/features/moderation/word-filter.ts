import { characterAt, fold, foldWord, isMarkAt, isWithinSyllable, placesOf, type Folded } from './folding.ts';
import { createWordMatcher } from './word-matcher.ts';

/** A word as it was entered, and where it stands in the text, in UTF-16 units; `end` is exclusive. */
export type FoundWord = { word: string; start: number; end: number };

export type WordFilter = {
  find(text: Folded): FoundWord | null;
  /** Of its words, UTF-16 units as they are folded: what it takes to make and to keep it. */
  units: number;
  /** Each of its words as it is folded. */
  folded: ReadonlyMap<string, string>;
};

/**
 * Finds the first banned word in a text, however it is written. All words are searched for in one pass.
 *
 * Words in Latin letters must begin and end where a word does, so that "class" is not taken for what it contains; "w e c h a t"
 * still is one. A word ends too where another script begins, or a number: 加whatsapp聊 and whatsapp138 hold it. Scripts without
 * spaces match anywhere.
 *
 * @param known how words are folded, of a list like this one: folding is most of the work.
 */
export function createWordFilter(words: readonly string[], known?: ReadonlyMap<string, string>): WordFilter {
  const folded = new Map(words.map((word) => [word, known?.get(word) ?? foldWord(word)]));
  const byFolded = new Map(words.map((word) => [folded.get(word)!, word]));
  byFolded.delete('');
  const matcher = createWordMatcher(byFolded.keys());

  return {
    units: [...byFolded.keys()].join('').length,
    folded,
    find(text) {
      let places: number[] | undefined;
      for (const { word, start, end } of matcher.matchesIn(text.text)) {
        if (isMarkAt(text.text, end)) continue; // Its last letter is another one: कला holds no कल.
        places ??= placesOf(text);
        if ([start, end].some((at) => isWithinSyllable(text.original, places!, at))) continue; // 시바라 holds no 시발.
        const place = originalPlace(text.original, places, start, end);
        if (!isLatin.test(word) || standsAlone(text.original, place)) return { word: byFolded.get(word)!, ...place };
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

function originalPlace(original: string, places: readonly number[], start: number, end: number) {
  const last = places[end - 1]!;
  return { start: places[start]!, end: last + characterAt(original, last).length };
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
