import { beforeAll, expect, test } from 'vitest';
import { totalOf, viewerBytesMax, weightOf } from '../../web/page-weight.ts';
import { builtPages } from './support/built-pages.ts';

beforeAll(builtPages, 60_000);

test('the live room weighs at most 150 KiB compressed, without the media library and the schemas', () => {
  const files = weightOf('live room');

  expect(totalOf(files)).toBeLessThanOrEqual(viewerBytesMax);
  expect(files.length).toBeGreaterThan(3);
});
