import { expect, test } from 'vitest';
import { AppError, type ErrorReason } from '../../shared/errors.ts';
import { onNewest } from './on-newest.ts';

const refused = (reason: ErrorReason) => new AppError('CONFLICT', undefined, { reason });

/** Fails with each of these in turn, then saves. */
function attempts(...failures: AppError[]) {
  let tries = 0;
  const attempt = async () => {
    const failure = failures[tries++];
    if (failure) throw failure;
    return 'saved';
  };
  return { attempt, tries: () => tries };
}

test('whom somebody else came before reads anew and saves over that', async () => {
  const { attempt, tries } = attempts(refused('changed-meanwhile'), refused('changed-meanwhile'));

  expect(await onNewest(attempt)).toBe('saved');
  expect(tries()).toBe(3);
});

test.each([
  ['others are faster each time', Array.from({ length: 9 }, () => refused('changed-meanwhile')), 3],
  ['something else stands in the way', [refused('terms-fixed')], 1],
])('it is told when %s', async (_what, failures, times) => {
  const { attempt, tries } = attempts(...failures);

  await expect(onNewest(attempt)).rejects.toBe(
    failures[0]?.extras.reason === 'terms-fixed' ? failures[0] : failures[2],
  );
  expect(tries()).toBe(times);
});
