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

test('what costs more takes more, or nothing when there is not enough', () => {
  const limit = createFloodLimit({ perSecond: 10, burst: 100, nowMs: () => 0 });

  expect([limit.tryTake('ana', 60), limit.tryTake('ana', 60), limit.tryTake('ana', 40)]).toEqual([true, false, true]);
});

test('past its bound the caller not seen for longest is forgotten, not one who was just refused', () => {
  const limit = createFloodLimit({ perSecond: 1, burst: 1, nowMs: () => 0, callersMax: 2 });
  limit.take('flooder');
  limit.take('ana');

  expect(limit.tryTake('flooder')).toBe(false);
  limit.take('bo');

  expect(limit.tryTake('flooder')).toBe(false);
});
