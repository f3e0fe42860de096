import { expect, test } from 'vitest';
import type { NumbersPoint } from '../../../shared/protocol/numbers.ts';
import { chatPerMinute } from './chat-rate.ts';

const pointsOf = (messages: readonly number[]): NumbersPoint[] =>
  messages.map((count, index) => ({
    // A look may be a second late.
    atMs: 1_000_000 + index * 10_000 + (index % 2) * 900,
    viewers: 0,
    visitors: 0,
    likes: 0,
    looks: 0,
    messages: count,
    unitsLeft: {},
  }));

test('counts the last minute, and no more of the show than there is', () => {
  expect(chatPerMinute([])).toBe(0);
  expect(chatPerMinute(pointsOf([30]))).toBe(180);
  expect(chatPerMinute(pointsOf([10, 20]))).toBe(90);
  expect(chatPerMinute(pointsOf([500, 500, 1, 2, 3, 4, 5, 6]))).toBe(21);
});
