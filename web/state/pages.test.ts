import { expect, test } from 'vitest';
import { joined, refreshed } from './pages.ts';

const idOf = (row: string) => row;
const known = { rows: ['d', 'c', 'b', 'a'], next: 'a' };

test('a page joins the list once, however often it is asked for', () => {
  const page = { rows: ['z', 'y'], next: null };
  const once = joined(known, 'a', page, idOf);

  expect(once).toEqual({ rows: ['d', 'c', 'b', 'a', 'z', 'y'], next: null });
  expect(joined(once, 'a', page, idOf)).toBe(once);
});

test('a row that two pages share is there once', () => {
  expect(joined(known, 'a', { rows: ['a', 'z'], next: null }, idOf).rows).toEqual(['d', 'c', 'b', 'a', 'z']);
});

test('what is new on the first page comes on top, and the pages behind stay', () => {
  expect(refreshed(known, { rows: ['e', 'd'], next: 'd' }, idOf)).toEqual({
    rows: ['e', 'd', 'c', 'b', 'a'],
    next: 'a',
  });
});

test('what has gone from the first page goes from the list', () => {
  expect(refreshed(known, { rows: ['d', 'b'], next: 'b' }, idOf).rows).toEqual(['d', 'b', 'a']);
});

test('a first page that is all there is leaves nothing of before, not what stood last either', () => {
  const first = { rows: ['d', 'c'], next: null };

  expect(refreshed(known, first, idOf)).toEqual(first);
  expect(refreshed(known, { rows: [], next: null }, idOf)).toEqual({ rows: [], next: null });
});

test('a first page that shares nothing begins the list anew', () => {
  const first = { rows: ['z', 'y'], next: 'y' };

  expect(refreshed(known, first, idOf)).toEqual(first);
  expect(refreshed({ rows: [], next: null }, first, idOf)).toEqual(first);
});

test('a search whose first page found nothing keeps what it found behind it', () => {
  expect(refreshed(known, { rows: [], next: 'q' }, idOf)).toBe(known);
});
