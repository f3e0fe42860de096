import { expect, test } from 'vitest';
import { createKeptList } from './kept-list.ts';

// Without a storage, as in a private window, it lives as long as the page.
test('what was seen first of an id stays, and the oldest go', () => {
  const list = createKeptList<{ id: string; said: string }>('nm:test', ({ id }) => id, 2);
  list.keep({ id: 'a', said: 'first' });
  list.keep({ id: 'a', said: 'something else' });
  expect(list.find('a')?.said).toBe('first');

  list.keep({ id: 'b', said: 'second' });
  list.keep({ id: 'c', said: 'third' });
  expect(list.store.get().map(({ id }) => id)).toEqual(['b', 'c']);
  expect(list.find('a')).toBeUndefined();
});
