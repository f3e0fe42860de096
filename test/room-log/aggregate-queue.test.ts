import { beforeEach, expect, test } from 'vitest';
import { createAggregateQueue } from '../../server/features/room-log/aggregate-queue.ts';
import type { LogStore } from '../../server/features/room-log/log-store.ts';

type Values = Parameters<LogStore['setAggregates']>[1];

let sent: Values[];
let answers: ((error?: Error) => void)[];
let due: (() => void)[];
let failed: number;
let set: ReturnType<typeof createAggregateQueue>;

beforeEach(() => {
  [sent, answers, due, failed] = [[], [], [], 0];
  set = createAggregateQueue({
    send(_roomId, values) {
      sent.push(values);
      return new Promise((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve())));
    },
    after: (_ms, run) => due.push(run),
    onError: () => (failed += 1),
  });
});

/** The store answers the oldest call, and the gap after it passes. */
async function answer(error?: Error): Promise<void> {
  answers.shift()!(error);
  await new Promise(setImmediate);
  due.shift()!();
}

test('the first value leaves at once, then the newest of each name together', async () => {
  set('a-room', 'likes', 1);
  set('a-room', 'likes', 2);
  set('a-room', 'left', 9);
  set('a-room', 'likes', 3);
  await answer();

  expect(sent).toEqual([{ likes: 1 }, { likes: 3, left: 9 }]);
});

test('what could not be sent is tried until it is, the newest value of each name', async () => {
  set('a-room', 'left', 1);
  set('a-room', 'likes', 1);
  await answer(new Error('Redis is away'));
  set('a-room', 'left', 0);
  await answer(new Error('Redis is away'));
  await answer();

  expect(sent.at(-1)).toEqual({ left: 0, likes: 1 });
  expect(failed).toBe(2);
});

test('an answer that takes long holds newer values back: an older one never comes after them', async () => {
  set('a-room', 'left', 2);
  set('a-room', 'left', 1);

  expect(sent).toEqual([{ left: 2 }]);
  await answer(new Error('timed out'));
  await answer();
  expect(sent).toEqual([{ left: 2 }, { left: 1 }]);
});
