import { describe, expect, test } from 'vitest';
import { isNewEnough } from '../../server/setup/node.mjs';
import { run } from '../../server/setup/run.mjs';
import { SetupError, sentenceOf } from '../../server/setup/say.mjs';
import { afterSecondTry, filesToTryAgain, totalsOf } from '../../server/setup/second-try.mjs';
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

describe('the second try of a few failed files', () => {
  const passed = { file: 'a.test.ts', passed: 5, failed: [], skipped: 1 };
  const failed = (file: string, ...names: string[]) => ({ file, passed: 2, failed: names, skipped: 0 });

  test('is for those that failed', () => {
    expect(filesToTryAgain([passed, failed('b.test.ts', 'x', 'y'), failed('c.test.ts', 'z')])).toEqual([
      'b.test.ts',
      'c.test.ts',
    ]);
  });

  test.each([
    ['when more failed than chance explains', ['b', 'c', 'd', 'e'].map((file) => failed(file, 'x'))],
    ['when something failed outside of all files', [failed('b.test.ts', 'x'), failed('', 'broken off')]],
    ['when nothing failed', [passed]],
  ])('is not made %s', (_when, outcomes) => {
    expect(filesToTryAgain(outcomes)).toEqual([]);
  });

  test('counts for its files, and names what failed only at first', () => {
    const { outcomes, unsteady } = afterSecondTry(
      [passed, failed('b.test.ts', 'x', 'y')],
      [{ file: 'b.test.ts', passed: 3, failed: ['y'], skipped: 0 }],
    );

    expect(unsteady).toEqual(['b.test.ts > x']);
    expect(totalsOf(outcomes)).toBe('8 passed, 1 failed, 1 skipped');
  });

  test('that breaks off leaves the failures of the first, and is one more', () => {
    const { outcomes, unsteady } = afterSecondTry([failed('b.test.ts', 'x')], [failed('', 'broken off')]);

    expect(unsteady).toEqual([]);
    expect(totalsOf(outcomes)).toBe('4 passed, 2 failed, 0 skipped');
  });
});

test('what a program left behind does not hold up the set-up when its time is over', async () => {
  await expect(run('sh', ['-c', 'sleep 600 & sleep 600'], { deadlineMs: 100 })).rejects.toThrow('SIGKILL');
});
