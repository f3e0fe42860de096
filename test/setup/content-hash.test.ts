import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentHash } from '../../server/setup/content-hash.mjs';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hash = (root: string): string => contentHash(root, ['web', 'lock.json']);

function aCheckout(): string {
  const root = temporaryFolder();
  mkdirSync(join(root, 'web/src'), { recursive: true });
  writeFileSync(join(root, 'web/src/main.ts'), 'one');
  writeFileSync(join(root, 'lock.json'), '{}');
  return root;
}

test('is the same for the same contents elsewhere', () => {
  expect(hash(aCheckout())).toBe(hash(aCheckout()));
});

test.each([
  ['a changed file', (root: string) => writeFileSync(join(root, 'web/src/main.ts'), 'two')],
  ['a new file', (root: string) => writeFileSync(join(root, 'web/new.ts'), '')],
  ['a removed file', (root: string) => rmSync(join(root, 'lock.json'))],
  ['a renamed file', (root: string) => renameSync(join(root, 'web/src/main.ts'), join(root, 'web/src/other.ts'))],
])('changes with %s', (_what, change) => {
  const root = aCheckout();
  const before = hash(root);

  change(root);

  expect(hash(root)).not.toBe(before);
});

test('does not change with what a build leaves behind', () => {
  const root = aCheckout();
  const before = hash(root);

  mkdirSync(join(root, 'web/dist'));
  writeFileSync(join(root, 'web/dist/index.html'), 'built');

  expect(hash(root)).toBe(before);
});
