import { expect, test } from 'vitest';
import { createFrameClock } from '../../server/features/room-log/frame-clock.ts';
import { eventually } from '../support/eventually.ts';

const window = { minMs: 25, maxMs: 250 };
const clock = createFrameClock(Date.now, window);

test('frames of what costs nothing leave as often as they may, and of what costs much as seldom', () => {
  expect(clock.windowMs(0)).toBe(window.minMs);
  expect(clock.windowMs(10_000)).toBe(window.maxMs);
});

test('a frame that takes long to write takes two fifths of its window at the most', () => {
  const costMs = 60;
  expect(costMs / clock.windowMs(costMs)).toBeLessThanOrEqual(0.4);
  expect(clock.windowMs(costMs)).toBeLessThan(window.maxMs);
});

test('on a gateway that is held up frames are fewer and larger, and as before when it is not', async () => {
  await eventually(async () => {
    await frameHeldUp(150);
    return clock.windowMs(0) > window.minMs + 20;
  });
  await eventually(() => clock.windowMs(0) === window.minMs);
});

function frameHeldUp(ms: number): Promise<void> {
  const left = new Promise<void>((resolve) => void clock.after(1, resolve));
  const until = performance.now() + ms;
  while (performance.now() < until);
  return left;
}
