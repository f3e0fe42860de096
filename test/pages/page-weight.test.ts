import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { ensurePages } from '../../server/setup/pages.mjs';
import { totalOf, viewerBytesMax, weightOf } from '../../web/page-weight.ts';

beforeAll(() => ensurePages(fileURLToPath(new URL('../..', import.meta.url)), process.execPath), 60_000);

test('the live room weighs at most 150 KiB compressed, without the media library and the schemas', () => {
  const files = weightOf('live room');

  expect(totalOf(files)).toBeLessThanOrEqual(viewerBytesMax);
  expect(files.length).toBeGreaterThan(3);
});
