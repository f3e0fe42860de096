/**
 * A text as it is compared with a keyword: width, case, spaces at the ends and what can't be seen don't matter, "Ｔｅａ" says "tea".
 *
 * Compared as capitals, because small letters depend on their place: a Greek sigma at the end of a word is another letter than
 * inside it, and both have one capital. Small letters first, since the capital ẞ has no other way to SS.
 */
export const foldedText = (text: string): string =>
  text.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC').replace(ignorable, '').trim();

const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
