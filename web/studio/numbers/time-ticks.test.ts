import { expect, test } from 'vitest';
import { timeTicks } from './time-ticks.ts';

const noon = 1_795_867_200;

test.each([
  ['a narrow picture of four minutes', noon + 10, noon + 250, 3, [noon + 120, noon + 240]],
  ['a wide one', noon, noon + 60, 8, [0, 10, 20, 30, 40, 50, 60].map((at) => noon + at)],
  ['three hours', noon, noon + 10_800, 4, [noon, noon + 3_600, noon + 7_200, noon + 10_800]],
])('%s has full steps inside of what is shown', (_what, from, to, room, expected) => {
  expect(timeTicks(from, to, room)).toEqual(expected);
});
