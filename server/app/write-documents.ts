import { readFile, writeFile } from 'node:fs/promises';
import { configurationPage } from './configuration-page.ts';
import { withErrorTable } from './error-table.ts';

const page = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);

await writeFile(page('configuration.md'), configurationPage());
await writeFile(page('protocol.md'), withErrorTable(await readFile(page('protocol.md'), 'utf8')));
