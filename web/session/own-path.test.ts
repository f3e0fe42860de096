import { expect, test } from 'vitest';
import { ownPath } from './own-path.ts';

const origin = 'https://live.example';

test.each(['/orders', '/room/a?x=1#y', '/studio/live/b'])('goes on at %s', (next) =>
  expect(ownPath(next, origin)).toBe(next),
);

test.each([
  null,
  '//evil.example',
  '/\\evil.example',
  '/%09/evil.example'.replace('%09', '\t'),
  '/.//evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  'http://[',
  '/sign-in?next=%2Forders',
])('begins at the first page instead of %j', (next) => expect(ownPath(next, origin)).toBe('/'));
