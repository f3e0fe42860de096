import { expect, test } from 'vitest';
import { isNewEnough } from '../../server/setup/node.mjs';
import { SetupError, sentenceOf } from '../../server/setup/say.mjs';
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

test.each<[string, Error, string]>([
  ['what the set-up found out', new SetupError('npm is too old'), '[set-up] npm is too old'],
  [
    'a folder of somebody else',
    Object.assign(new Error('denied'), { code: 'EACCES', path: '/shop/node_modules' }),
    "[set-up] /shop/node_modules can't be written to (EACCES): start as the owner of this checkout.",
  ],
  [
    'a disk without a name that is read only',
    Object.assign(new Error('read only'), { code: 'EROFS' }),
    "[set-up] /shop can't be written to (EROFS): start as the owner of this checkout.",
  ],
  [
    'a full disk',
    Object.assign(new Error('full'), { code: 'ENOSPC', path: '/shop/web/dist' }),
    "[set-up] The disk is full: /shop/web/dist can't be written.",
  ],
])('%s is told in a sentence', (_what, error, sentence) => {
  expect(sentenceOf(error, '/shop')).toBe(sentence);
});

test('a bug of the set-up is told with all there is', () => {
  const bug = new TypeError('x is not a function');

  expect(sentenceOf(bug, '/shop')).toBe(bug);
});
