import { Converter } from 'opencc-js/t2cn';

// Its types import each other without extensions, which Node's resolution does not find.
const simplified = Converter({ from: 't', to: 'cn' }) as (text: string) => string;

/** A text, and the form of it in which words are compared. */
export type Folded = { original: string; text: string };

/** What people put between letters to get around a word list: space, signs, and what can't be seen. */
const separators = '\\p{Z}\\p{P}\\p{S}\\p{C}';
/**
 * Accents of Latin, Greek and Cyrillic letters (which are also what is heaped upon others), and the vowel points of Arabic and Hebrew, which
 * people write or leave out. Other marks are letters to those who read them: कील is not कल.
 */
const accents = [
  '\\u0300-\\u036F\\u0483-\\u0489\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF\\uFE00-\\uFE0F\\uFE20-\\uFE2F\\u{E0100}-\\u{E01EF}',
  '\\u0591-\\u05C7\\u0610-\\u061A\\u0640\\u064B-\\u065F\\u0670\\u06D6-\\u06ED',
  // Letters of old scripts that are written as a mark over the next one, whatever that is.
  '\\u0D4E\\u{111C2}\\u{111C3}\\u{1193F}\\u{11941}\\u{11A3A}\\u{11A84}-\\u{11A89}\\u{11D46}\\u{11F02}',
].join('');
/** Scripts with marks that are letters. */
const markedScripts = [
  ...['Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada'],
  ...[
    'Malayalam',
    'Sinhala',
    'Thai',
    'Lao',
    'Tibetan',
    'Myanmar',
    'Khmer',
    'Thaana',
    'Balinese',
    'Javanese',
    'Sundanese',
  ],
];
/** Such a mark behind a letter or another mark of its own script. Behind any other it says nothing, and is there to get around a list. */
const markAtHome = new RegExp(`^(?:${markedScripts.map((script) => `\\p{scx=${script}}{2}`).join('|')})$`, 'u');
const startsWithMark = /^\p{M}/u;
const firstMark = '\u0300';
const lastCharacter = /.?$/su;
/** Letters that nobody sees: they fill a place in a Korean syllable. */
const fillers = '\\u115F\\u1160';
const unfolded = new RegExp(`[${separators}${accents}${fillers}]`, 'gu');

/** What a mark can voice that is a character of its own, as in half width. */
const kana = /[\u3041-\u30FF\u31F0-\u31FF\uFF66-\uFF9D]/;
const ownVoicing = /[\u309B\u309C\uFF9E\uFF9F]/;
const spacedVoicing = /[\u309B\u309C]/g;
/** Marks that voiced a kana are part of it by now; behind anything else they are read over. */
const voicing = /[\u3099\u309A]/g;
/** Some single characters stand for a whole sentence. Of those, so much is compared, UTF-16 units. */
const unitsMax = 8;
/** Characters remembered with what they are folded to; then it begins anew: more than Chinese and Korean have. */
const knownMax = 40_000;
const known = new Map<string, string>();

/** Most lines need no look at one character after the other, which takes longer than all else that is done to a line. */
const onlyAscii = /^\p{ASCII}*$/u;
const asciiUnfolded = /[^a-z0-9]+/g;

/**
 * Folds width (ＡＢＣ), case (ß is ss), accents, spacing (微 信, w.e.c.h.a.t), traditional characters and Korean syllables, which become
 * the letters that they are typed with, one at a time, so that a place in the folded text can be shown in the original.
 *
 * Digits and letters of other scripts that look alike are not folded: that would hit too many honest words.
 */
export function fold(original: string): Folded {
  if (onlyAscii.test(original)) return { original, text: original.toLowerCase().replaceAll(asciiUnfolded, '') };
  let text = '';
  for (const character of charactersOf(original)) text += atHome(foldCharacter(character), text);
  return { original, text };
}

/** UTF-16 index in the original of each UTF-16 unit of the folded text: for a text in which something was found. */
export function placesOf({ original }: Folded): number[] {
  const places: number[] = [];
  let [text, at] = ['', 0];
  for (const character of charactersOf(original)) {
    const plain = atHome(foldCharacter(character), text);
    for (let i = 0; i < plain.length; i += 1) places.push(at);
    text += plain;
    at += character.length;
  }
  return places;
}

const atHome = (plain: string, before: string): string =>
  plain >= firstMark && startsWithMark.test(plain) && !markAtHome.test(lastCharacter.exec(before)![0] + plain)
    ? ''
    : plain;

/** The form of a word by itself. Composed first: in a chat everything is. */
export const foldWord = (word: string): string => fold(word.normalize('NFC')).text;

/** What is folded as one, from a place in a text: a character, with its voicing mark. */
export function characterAt(text: string, at: number): string {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  const next = text.charAt(at + character.length);
  return ownVoicing.test(next) && kana.test(character) ? character + next : character;
}

/** Whether a mark stands at a place of a folded text: it belongs to the letter before it. */
export const isMarkAt = (foldedText: string, at: number): boolean =>
  at < foldedText.length && startsWithMark.test(String.fromCodePoint(foldedText.codePointAt(at)!));

/** Upper case knows of letters that lower case does not: those that become two, and those with several small forms. */
const foldCase = (text: string): string => text.toLowerCase().toUpperCase().toLowerCase();

/** The parts of modern Korean syllables, in the order of their code points, as the letters that one types for them. */
const jamo = /[\u1100-\u1112\u1161-\u1175\u11A8-\u11C2]/g;
const letters = {
  initial: 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'.split(''),
  vowel: 'ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ'.split(' '),
  final: 'ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ'.split(
    ' ',
  ),
};
function letterOf(part: string): string {
  const code = part.charCodeAt(0);
  if (code < 0x1161) return letters.initial[code - 0x1100]!;
  return code < 0x11a8 ? letters.vowel[code - 0x1161]! : letters.final[code - 0x11a8]!;
}

const syllable = /[\uAC00-\uD7A3]/;

/** Whether a place of a folded text lies within a Korean syllable: what begins or ends there is another one. `places`: of `placesOf`. */
export const isWithinSyllable = (original: string, places: readonly number[], at: number): boolean =>
  at > 0 && at < places.length && places[at - 1] === places[at] && syllable.test(original.charAt(places[at]!));

function* charactersOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length;) {
    const character = characterAt(text, at);
    yield character;
    at += character.length;
  }
}

function foldCharacter(character: string): string {
  const found = known.get(character);
  if (found !== undefined) return found;
  // Decomposed first, so that an accent is a mark of its own and falls away.
  const voiced = character.replaceAll(spacedVoicing, (mark) => (mark === '\u309B' ? '\u3099' : '\u309A'));
  const parts = foldCase(voiced.normalize('NFKC').normalize('NFD')).replaceAll(jamo, letterOf);
  const composed = parts.replaceAll(unfolded, '').normalize('NFC').replaceAll(voicing, '');
  const plain = simplified(composed).slice(0, unitsMax);
  if (known.size >= knownMax) known.clear();
  known.set(character, plain);
  return plain;
}
