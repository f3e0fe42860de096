import { expect, test } from 'vitest';
import { isNewEnough } from '../../server/setup/node.mjs';
import { ninjaProgress } from '../../server/setup/worker.mjs';

test.each([
  ['20.20.2', false],
  ['22.17.1', false],
  ['22.18.0', true],
  ['23.0.0', true],
  ['24.21.0', true],
])('Node %s runs TypeScript as it is: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

test.each([
  ['[131/262] Building CXX object worker.o', 0.5],
  ['[262/262] Linking CXX executable mediasoup-worker', 1],
  ['ninja: Entering directory', undefined],
])('reads the progress of %j as %s', (line, expected) => {
  expect(ninjaProgress(line)).toBe(expected);
});
