import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLog } from '../../server/platform/log.ts';
import { createLifecycle, type Lifecycle } from '../../server/platform/lifecycle.ts';
import type { FeedClock } from '../../server/features/room-log/feed.ts';
import { createFrameClock } from '../../server/features/room-log/frame-clock.ts';
import { eventually } from '../support/eventually.ts';

const window = { minMs: 25, maxMs: 250 };
let lifecycle: Lifecycle;
let clock: FeedClock;

beforeAll(() => {
  lifecycle = createLifecycle({ log: createLog('silent'), deadlineMs: 1_000 });
  clock = createFrameClock(Date.now, window, lifecycle);
});
afterAll(() => lifecycle.close());

test('frames of what costs nothing leave as often as they may, and of what costs much as seldom', async () => {
  await eventually(() => clock.windowMs(0) < window.minMs + 10);
  expect(clock.windowMs(10_000)).toBe(window.maxMs);
});

test('a frame that takes long to write takes two fifths of its window at the most', () => {
  const costMs = 60;
  expect(costMs / clock.windowMs(costMs)).toBeLessThanOrEqual(0.4);
  expect(clock.windowMs(costMs)).toBeLessThan(window.maxMs);
});

test('on a gateway that is held up frames are fewer and larger, and as before when it is not', async () => {
  await eventually(() => {
    holdUp(80);
    return clock.windowMs(0) > window.minMs + 20;
  });
  await eventually(() => clock.windowMs(0) < window.minMs + 10);
});

function holdUp(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
