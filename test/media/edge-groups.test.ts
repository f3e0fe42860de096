import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createGroups } from '../../media/edges/groups.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('news of few is told at once, of many in groups, the first first, and what waits at the end', () => {
  const told: number[] = [];
  const groups = createGroups<number>((each) => told.push(each));
  const add = (count: number) => Array.from({ length: count }).forEach(() => groups.add(++added));
  let added = 0;
  add(250);
  expect(told).toHaveLength(100);
  vi.advanceTimersByTime(199);
  expect(told).toHaveLength(100);
  vi.advanceTimersByTime(1);
  expect(told).toHaveLength(200);
  vi.advanceTimersByTime(200);
  expect(told).toHaveLength(250);
  add(60);
  expect(told).toHaveLength(300);
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(310);
  expect(vi.getTimerCount()).toBe(0);

  add(150);
  expect(told).toHaveLength(410);
  groups.close();
  expect(told).toEqual(Array.from({ length: 460 }, (_, i) => i + 1));
  expect(vi.getTimerCount()).toBe(0);
});
