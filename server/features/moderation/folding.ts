import { Converter } from 'opencc-js/t2cn';

// Its types import each other without extensions, which Node's resolution does not find.
const simplified = Converter({ from: 't', to: 'cn' }) as (text: string) => string;

/** A text in the form in which words are compared, and where each of its characters came from. */
export type Folded = {
  text: string;
  /** UTF-16 index in the original of each UTF-16 unit of `text`. */
  from: readonly number[];
};

/** What people put between letters to get around a word list: space, signs, and what can't be seen. */
const separators = /[\p{Z}\p{P}\p{S}\p{C}\p{M}]/gu;

/**
 * Folds width (ＡＢＣ), case, accents, spacing (微 信, w.e.c.h.a.t) and traditional characters, one grapheme at a time, so
 * that a place in the folded text can be shown in the original.
 *
 * Digits and letters of other scripts that look alike are not folded: that would hit too many honest words.
 */
export function fold(original: string): Folded {
  const from: number[] = [];
  let text = '';
  let at = 0;
  for (const character of original) {
    const plain = foldCharacter(character);
    for (let i = 0; i < plain.length; i += 1) from.push(at);
    text += plain;
    at += character.length;
  }
  return { text, from };
}

function foldCharacter(character: string): string {
  if (character < '\u0080') return /[a-z0-9]/i.test(character) ? character.toLowerCase() : '';
  // Decomposed first, so that an accent is a mark of its own and falls away like every other mark.
  const parts = character.normalize('NFKC').normalize('NFD').toLowerCase();
  const kept = parts.replaceAll(separators, '');
  return simplified(kept.normalize('NFC'));
}
