import { beforeAll, expect, test } from 'vitest';
import { totalOf, viewerBytesMax, weightOf } from '../../web/page-weight.ts';
import { builtPages } from './support/built-pages.ts';

beforeAll(builtPages, 60_000);

test('the live room weighs at most 150 KiB compressed, without the media library', () => {
  const files = weightOf('live room');

  expect(totalOf(files)).toBeLessThanOrEqual(viewerBytesMax);
  expect(files.length).toBeGreaterThan(3);
});

/** A word that every build of the media library has in it. */
const ofMedia = 'mediasoup';

test('nothing of the media library comes before there is a picture to play', () => {
  const withMedia = (['home', 'live room', 'verify page'] as const).filter((page) =>
    weightOf(page).some(({ text }) => text.includes(ofMedia)),
  );

  expect(withMedia).toEqual([]);
});

/** A word that every build of the schema library has in it. */
const ofSchemas = 'invalid_type';

test('the schemas, by which the server checks what it is sent, come with the documents of strangers alone', () => {
  const withSchemas = (['home', 'live room', 'studio', 'verify page', 'checking a draw'] as const).filter((page) =>
    weightOf(page).some(({ text }) => text.includes(ofSchemas)),
  );

  expect(withSchemas).toEqual(['checking a draw']);
});
