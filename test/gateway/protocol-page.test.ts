import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { withErrorTable } from '../../server/app/error-table.ts';

test('docs/protocol.md lists every error code as it is (npm run docs writes it)', async () => {
  const page = await readFile(new URL('../../docs/protocol.md', import.meta.url), 'utf8');

  expect(page).toBe(withErrorTable(page));
});
