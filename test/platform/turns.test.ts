import { expect, test } from 'vitest';
import { createTurns } from '../../server/platform/turns.ts';

test('heavy work takes turns in its order, so many at once; past those who may wait it is asked to come again', async () => {
  const inTurn = createTurns({ atOnce: 2, waitingMax: 1, retryAfterMs: 1_000 });
  const begun: string[] = [];
  const work = (name: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const done = inTurn(() => {
      begun.push(name);
      return promise;
    });
    return { done, resolve, reject };
  };
  const [first, second, third] = [work('first'), work('second'), work('third')];

  expect(begun).toEqual(['first', 'second']);
  await expect(work('fourth').done).rejects.toMatchObject({ code: 'RETRY' });
  second.reject(new Error('no'));
  await expect(second.done).rejects.toThrow('no');
  expect(begun).toEqual(['first', 'second', 'third']);
  first.resolve('one');
  third.resolve('three');
  expect(await Promise.all([first.done, third.done])).toEqual(['one', 'three']);
});
