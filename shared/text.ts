import { z } from 'zod';
import { limits } from './limits.ts';

/** Scripts whose letters a joiner changes visibly: Persian words and half letters of India are written with them. */
const joiningScripts = [
  ...['Arab', 'Syrc', 'Mong', 'Nkoo', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh'],
  ...['Mymr', 'Khmr'],
];
const joinable = joiningScripts.map((script) => `\\p{Script_Extensions=${script}}`).join('');
const emoji = '\\p{Extended_Pictographic}';

/**
 * What can't be seen, or turns the direction of what is around it: controls, halves of surrogate pairs, all that Unicode lets
 * a font ignore (overrides, fillers, tags, variation selectors), the blank of Braille. Kept are joiners where they show, as in
 * Persian words and family emoji; the selector that makes an emoji colourful; and the tags of regional flags.
 */
const unseen = new RegExp(
  [
    '[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\u2800\\uFFF9-\\uFFFC]',
    '(?![\\u200C\\u200D\\uFE0F\\u{E0020}-\\u{E007F}])\\p{Default_Ignorable_Code_Point}',
    `(?<![${joinable}]|[${emoji}\\p{Emoji_Modifier}]\\uFE0F?)[\\u200C\\u200D]`,
    `(?<!${emoji})\\uFE0F(?!\\u20E3)`,
    '(?<!\\u{1F3F4}[\\u{E0020}-\\u{E007F}]{0,6})[\\u{E0020}-\\u{E007F}]',
  ].join('|'),
  'gu',
);
const lineBreaks = /[\r\n\u0085\u2028\u2029\t]+/gu;
const visible = /[\p{L}\p{N}\p{S}\p{P}]/u;

/** Most lines: all of it can be seen, and looking for what can't takes longer than all else that is done to a line of a chat. */
const plain = /^[ -~]*$/;

/** A text of one line without what can't be seen: a break is a space. */
export const lineOf = (text: string): string =>
  (plain.test(text) ? text : text.replace(lineBreaks, ' ').replace(unseen, '')).trim();

/** A text of several lines without what can't be seen; line breaks and tabs stay. */
const proseOf = (text: string): string =>
  text
    .split(/\r\n|[\r\n\u0085\u2028\u2029]/u)
    .map((line) => line.split('\t').map(withoutUnseen).join('\t'))
    .join('\n')
    .trim();

const withoutUnseen = (text: string): string => text.replace(unseen, '');

/** Whether all of a text of one line can be seen. */
export const isAllSeen = (text: string): boolean => withoutUnseen(text) === text;

const unseenRefused = { message: 'has characters that can not be seen' };
const emptyRefused = { message: 'has nothing that can be seen' };

/**
 * A name that people show to each other. Here what can't be seen is refused: it tells names apart that look the same, and
 * whoever sends it means that.
 */
export const DisplayName = z
  .string()
  .trim()
  .max(limits.displayNameLengthMax)
  .refine(isAllSeen, unseenRefused)
  .refine((name) => visible.test(name), emptyRefused);

/**
 * A text of one line that people write: a title, a street, a tracking number. What can't be seen often comes along when they
 * paste, so it is left out without a word. Lengths in UTF-16 units, counted afterwards.
 */
export const line = (lengthMax: number) => z.string().overwrite(lineOf).max(lengthMax);

/** One that must not be empty. */
export const filledLine = (lengthMax: number) => filled(line(lengthMax));

/** A text of several lines, cleaned in the same way. */
export const prose = (lengthMax: number) => z.string().overwrite(proseOf).max(lengthMax);

/** One that must not be empty. */
export const filledProse = (lengthMax: number) => filled(prose(lengthMax));

const filled = (text: z.ZodString) =>
  text.min(1, { ...emptyRefused, abort: true }).refine((one) => visible.test(one), emptyRefused);

/** An address of the web. */
export const WebUrl = z
  .url({ protocol: /^https?$/ })
  .max(limits.urlLengthMax)
  .refine((url) => isAllSeen(url) && !/\s/u.test(url), unseenRefused);

/** A path and not the address of another machine, as `//there` would be. */
const OwnPath = z
  .string()
  .max(limits.urlLengthMax)
  .regex(/^\/(?![/\\])\S*$/u)
  .refine(isAllSeen, unseenRefused);

/** Where a picture is: somewhere on the web, or a path on this server, which is right by whatever name the server is reached. */
export const PictureUrl = z.union([WebUrl, OwnPath], {
  error: 'must be an address of the web, or a path on this server that begins with /',
});
