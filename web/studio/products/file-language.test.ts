import { expect, test } from 'vitest';
import { languageOfFile } from './file-language.ts';

const header = 'Handle,"Title","Body (HTML)",Vendor';

test.each([
  ['Chinese titles', [header, 'a,手绘马克杯,<p>Stoneware</p>,Kiln', 'a,,,', 'b,"灯, 小号",,'], 'zh'],
  [
    'English titles, with a vendor and one name in Chinese',
    [header, 'a,Mug,,杯子', 'b,"Lamp, ""灯""",,', 'c,Bowl,,'],
    'en',
  ],
  [
    'a text with line breaks and commas before the next product',
    [header, 'a,杯子,"<p>One,\n""two"",\nthree</p>",K', 'b,灯,,'],
    'zh',
  ],
  ['a file that is cut off in a text', [header, 'a,Mug,,', 'b,Bowl,"<p>这是'], 'en'],
  ['the column in small letters', ['handle,title', 'a,杯子'], 'zh'],
])('%s', async (_what, lines, language) => {
  for (const otherwise of ['en', 'zh'] as const)
    expect(await languageOfFile(new Blob([lines.join('\r\n')]), otherwise)).toBe(language);
});

test.each([
  ['no titles', [header, 'a,,,']],
  ['another table', ['Name;Price', '杯子;3']],
  ['nothing', []],
])('%s: as the page is', async (_what, lines) => {
  for (const otherwise of ['en', 'zh'] as const)
    expect(await languageOfFile(new Blob([lines.join('\n')]), otherwise)).toBe(otherwise);
});
