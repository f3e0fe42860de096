import { expect, test } from 'vitest';
import { createFloodLimit } from '../../server/gateway/flood-limit.ts';

test('a caller may burst, then goes at the steady rate, and others do not notice', () => {
  let nowMs = 0;
  const limit = createFloodLimit({ perSecond: 10, burst: 3, nowMs: () => nowMs });
  const take = (who: string) => {
    try {
      limit.take(who);
      return 'taken';
    } catch (error) {
      return (error as { extras: { retryAfterMs: number } }).extras.retryAfterMs;
    }
  };

  expect([take('ana'), take('ana'), take('ana'), take('ana')]).toEqual(['taken', 'taken', 'taken', 100]);
  expect(take('bo')).toBe('taken');
  nowMs = 100;
  expect([take('ana'), take('ana')]).toEqual(['taken', 100]);
});
