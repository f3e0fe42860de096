import type { ImportChoices } from '../../../shared/protocol/catalog.ts';

type Language = ImportChoices['language'];

/** So much of a file is looked at, bytes: its header and its first products. */
const lookedAtBytes = 65_536;

/** Which language the titles of a product file are in; `otherwise` where that can't be told. Its merchant has the last word. */
export async function languageOfFile(file: Blob, otherwise: Language): Promise<Language> {
  const text = await file
    .slice(0, lookedAtBytes)
    .text()
    .catch(() => '');
  const titles = titlesIn(text);
  if (titles.length === 0) return otherwise;
  return titles.filter((title) => /\p{Script=Han}/u.test(title)).length * 2 > titles.length ? 'zh' : 'en';
}

/** Further rows of a product have none. */
function titlesIn(text: string): string[] {
  const [header = [], ...rows] = rowsOf(text);
  const column = header.findIndex((name) => name.trim().toLowerCase() === 'title');
  return rows.map((row) => row[column]?.trim() ?? '').filter((title) => title !== '');
}

/** The rows of a CSV, up to where it is none or was cut off. */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/gy)) {
    rows.at(-1)!.push(quoted ?? plain);
    if (end !== ',') rows.push([]);
  }
  return rows;
}
