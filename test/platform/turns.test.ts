import { expect, test } from 'vitest';
import { createTurns } from '../../server/platform/turns.ts';
import { createTurnsByKey } from '../../server/platform/turns-by-key.ts';

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

test('keys that hang together give the turns of all back after a while, and keep their own', async () => {
  const inTurn = createTurnsByKey({
    ofAll: { atOnce: 4, waitingMax: 10, retryAfterMs: 1_000, heldMsMax: 30 },
    ofKey: { atOnce: 2, waitingMax: 5, retryAfterMs: 1_000 },
  });
  const hanging = Promise.withResolvers<string>();
  let begun = 0;
  const hang = () => ((begun += 1), hanging.promise);
  const hung = ['one', 'two', 'one', 'two', 'one'].map((key) => inTurn(key, hang));
  expect(begun).toBe(4);

  expect(await inTurn('sound', async () => 'done')).toBe('done');
  expect(begun).toBe(4);
  hanging.resolve('late');
  expect(await Promise.all(hung)).toEqual(Array(5).fill('late'));
  await expect(inTurn('sound', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});
