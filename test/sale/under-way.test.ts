import { expect, test, vi } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { answerMsMax, createUnderWay } from '../../server/features/sale/under-way.ts';

/** Works under a clock that the test moves. */
function start({ worksMax = 10 } = {}) {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; run: () => void }>();
  const onLateFailure = vi.fn();
  const underWay = createUnderWay<string>({
    worksMax,
    nowMs: () => nowMs,
    after: (ms, run) => timers.add({ atMs: nowMs + ms, run }),
    onLateFailure,
  });
  return {
    underWay,
    onLateFailure,
    timers,
    pass(ms: number): void {
      nowMs += ms;
      for (const timer of [...timers]) {
        if (timer.atMs > nowMs) continue;
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

/** What came of a promise, in a word; undefined while nothing has. */
function watched(promise: Promise<string>): { told: string | undefined } {
  const seen: { told: string | undefined } = { told: undefined };
  promise.then(
    (answer) => (seen.told = answer),
    (error: unknown) => (seen.told = error instanceof AppError ? error.code : String(error)),
  );
  return seen;
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const again = () => Promise.reject(new Error('begun twice'));

test('who asks again while it is under way shares the answer; for something else the key is used', async () => {
  const { underWay } = start();
  const { promise, resolve } = Promise.withResolvers<string>();
  const first = underWay.run('key', 'a', () => promise);
  const second = underWay.run('key', 'a', again);
  await expect(underWay.run('key', 'b', again)).rejects.toMatchObject({ code: 'KEY_REUSED' });
  resolve('held');

  expect(await Promise.all([first, second])).toEqual(['held', 'held']);
  expect(await underWay.run('key', 'b', async () => 'free again')).toBe('free again');
});

test('what takes too long is told RETRY in time, to all who asked, and at once until it has ended; what began later goes on', async () => {
  const { underWay, pass } = start();
  const [slow, later] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const first = watched(underWay.run('slow', 'a', () => slow.promise));
  pass(answerMsMax - 500);
  const joined = watched(underWay.run('slow', 'a', again));
  const other = watched(underWay.run('later', 'a', () => later.promise));
  await settled();
  expect([first.told, joined.told]).toEqual([undefined, undefined]);

  pass(500);
  await settled();
  expect([first.told, joined.told, other.told]).toEqual(['RETRY', 'RETRY', undefined]);
  const asked = underWay.run('slow', 'a', again);
  await expect(asked).rejects.toMatchObject({ code: 'RETRY', extras: { retryAfterMs: 1_000 } });
  await expect(underWay.run('slow', 'b', again)).rejects.toMatchObject({ code: 'KEY_REUSED' });

  later.resolve('in time');
  slow.resolve('late');
  await settled();
  expect(other.told).toBe('in time');
  expect(await underWay.run('slow', 'b', async () => 'free again')).toBe('free again');
});

test('each is told when its own time is up, by one timer', async () => {
  const { underWay, pass, timers } = start();
  const hangs = () => new Promise<string>(() => undefined);
  const told = [watched(underWay.run('1', 'a', hangs))];
  pass(700);
  told.push(watched(underWay.run('2', 'a', hangs)));
  expect(timers.size).toBe(1);

  pass(answerMsMax - 700);
  await settled();
  expect(told.map((each) => each.told)).toEqual(['RETRY', undefined]);
  pass(700);
  await settled();
  expect(told.map((each) => each.told)).toEqual(['RETRY', 'RETRY']);
  expect(timers.size).toBe(0);
});

test('works are bounded, those nobody waits for any more among them', async () => {
  const { underWay, pass } = start({ worksMax: 2 });
  const slow = Promise.withResolvers<string>();
  watched(underWay.run('1', 'a', () => slow.promise));
  pass(answerMsMax);
  watched(underWay.run('2', 'a', () => new Promise(() => undefined)));

  await expect(underWay.run('3', 'a', again)).rejects.toMatchObject({ code: 'RETRY' });
  slow.resolve('late');
  await settled();
  expect(await underWay.run('3', 'a', async () => 'room again')).toBe('room again');
});

test('what fails after all were told is said, but for what is told to callers', async () => {
  const { underWay, onLateFailure, pass } = start();
  const [bug, busy, inTime] = Array.from({ length: 3 }, () => Promise.withResolvers<string>());
  watched(underWay.run('bug', 'a', () => bug!.promise));
  watched(underWay.run('busy', 'a', () => busy!.promise));
  pass(answerMsMax);
  const told = underWay.run('in time', 'a', () => inTime!.promise);
  bug!.reject(new TypeError('bug'));
  busy!.reject(new AppError('RETRY'));
  inTime!.reject(new TypeError('told'));

  await expect(told).rejects.toThrow('told');
  expect(onLateFailure.mock.calls).toEqual([[new TypeError('bug')]]);
});
