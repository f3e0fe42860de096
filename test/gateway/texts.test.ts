import { expect, test } from 'vitest';
import type { z } from 'zod';
import { commands, type CommandName } from '../../shared/protocol/index.ts';
import { DisplayName, filledLine, PictureUrl, prose, WebUrl } from '../../shared/text.ts';

/** A NUL, a turn of direction, a zero-width space, half of a surrogate pair, a blank, a tag, a selector of nothing. */
const unseen = ['\0', '\u202E', '\u200B', '\uD800', '\u2800', '\u{E0041}', '\uFE0F'];
const hasUnseen = (text: unknown): boolean => unseen.some((one) => String(text).includes(one));

/** Neither shown to anybody nor kept as they are, or compared with what the server itself has made. */
const compared = [
  ...['password', 'token', 'accessToken', 'refreshToken', 'epoch'],
  ...['sessionId', 'mid', 'consumerId', 'consumerIds', 'algorithm', 'value'],
];

type Field = { path: string; schema: z.ZodType };
type Def = {
  type: string;
  shape?: Record<string, z.ZodType>;
  innerType?: z.ZodType;
  element?: z.ZodType;
  options?: z.ZodType[];
  valueType?: z.ZodType;
};

/** Every text below a schema, whichever way it is wrapped. */
function textsOf(path: string, schema: z.ZodType): Field[] {
  const { type, shape, innerType, element, options, valueType } = schema.def as Def;
  if (type === 'string') return [{ path, schema }];
  const below = [innerType, element, valueType, ...(options ?? [])].filter((one) => one !== undefined);
  const fields = Object.entries(shape ?? {}).flatMap(([name, field]) => textsOf(`${path}.${name}`, field));
  return [...below.flatMap((one) => textsOf(path, one)), ...fields];
}

const texts = (Object.keys(commands) as CommandName[])
  .flatMap((name) => textsOf(name, commands[name].input))
  .filter(({ path }) => !compared.includes(path.split('.').at(-1)!));

test('commands take texts', () => {
  expect(texts.length).toBeGreaterThan(100);
});

// chat:send cleans the line itself, to find banned words in it as it was written.
test.each(texts.filter(({ path }) => path !== 'chat:send.text'))(
  '$path keeps nothing that can not be seen',
  ({ schema }) => {
    const all = unseen.join('');
    for (const text of [`fair${all}words`, `https://fair.example/${all}`]) {
      const parsed = schema.safeParse(text);
      expect(parsed.success && hasUnseen(parsed.data), JSON.stringify(parsed.data)).toBe(false);
    }
  },
);

test.each([
  ['  two\r\nlines\tand a \u200Bzero ', 'two lines and a zero'],
  ['\u202A+49 30 1\u202C', '+49 30 1'],
  ['میِ\u200Cخواهم 👨‍👩‍👧', 'میِ\u200Cخواهم 👨‍👩‍👧'],
])('a line %j is %j', (text, cleaned) => {
  expect(filledLine(50).parse(text)).toBe(cleaned);
});

test('a text of several lines keeps its lines', () => {
  expect(prose(50).parse('one\r\n\ttwo\u2028three\0\u202E')).toBe('one\n\ttwo\nthree');
});

test.each(['', ' \u200B\u202E ', '\u3164', '\u200D\u200C', '\uFE0F', '\u2800 \u{E0020}'])(
  'a line of nothing (%j) is refused',
  (text) => {
    expect(filledLine(50).safeParse(text).error?.issues).toMatchObject([{ message: 'has nothing that can be seen' }]);
  },
);

test.each([
  ...['Ana\u3164', 'Ana\uD800', '\u202EanA', 'Ana\u{E0041}', 'Ana\uFE0F', 'Ana\u200D', 'A\uFE0F\u200Dna', 'Ana\uFE00'],
  ...['Ana\u2800', '\u2800\u2800'],
])('nobody is called %j', (name) => {
  expect(DisplayName.safeParse(name).error?.issues).toMatchObject([{ message: 'has characters that can not be seen' }]);
});

test.each([
  'مریم\u200Cسادات',
  'ক্\u200Dষ',
  '👩🏽\u200D💻 Ana',
  '❤️ Ana',
  'Ana 1️⃣',
  '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}',
])('somebody may be called %j', (name) => {
  expect(DisplayName.parse(name)).toBe(name);
});

test.each(['javascript:alert(1)', 'https://a.example/\0', 'https://a.example/b c', 'https://a.example/\uD800'])(
  '%j is no address of the web',
  (url) => {
    expect(WebUrl.safeParse(url).success).toBe(false);
  },
);

test.each(['https://a.example/tea.svg', '/demo/tea.svg', '/'])('a picture may be at %j', (url) => {
  expect(PictureUrl.parse(url)).toBe(url);
});

test.each([
  '//a.example/tea.svg',
  '/\\a.example',
  '/\t/a.example',
  '/a b',
  '/\u202Egvs',
  'tea.svg',
  'data:image/svg+xml,',
])('%j is no address of a picture', (url) => {
  expect(PictureUrl.safeParse(url).success).toBe(false);
});
