import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { createReading } from './reading.ts';

/** A list whose answers come when the test says so, and a clock that stands still until it is moved. */
function start() {
  const answers: { give: (value: readonly string[]) => void; refuse: (error: unknown) => void }[] = [];
  const waits: { ms: number; run: () => void }[] = [];
  const shown: (readonly string[])[] = [];
  const reading = createReading<readonly string[], string>({
    read: () => new Promise((give, refuse) => answers.push({ give, refuse })),
    after: (value, news) => [...value, news],
    show: (value) => shown.push(value),
    time: {
      nowMs: () => 0,
      random: () => 0,
      after(ms, run) {
        const wait = { ms, run };
        waits.push(wait);
        return () => void waits.splice(waits.indexOf(wait), 1);
      },
    },
  });
  reading.again();
  return { reading, answers, waits, shown };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('is not known before the first answer', async () => {
  const { reading, answers, shown } = start();
  expect(reading.state.get()).toEqual({ state: 'loading' });

  answers[0]!.give([]);
  await settled();

  expect(reading.state.get()).toEqual({ state: 'ready', isOld: false });
  expect(shown).toEqual([[]]);
});

test('lays over an answer what happened while it was on its way', async () => {
  const { reading, answers, shown } = start();
  reading.heard('pinned');
  answers[0]!.give(['list']);
  await settled();
  reading.heard('shown by somebody else now');

  reading.again();
  answers[1]!.give(['newer list']);
  await settled();

  expect(shown).toEqual([['list', 'pinned'], ['newer list']]);
});

test('an older answer that comes late is not shown', async () => {
  const { reading, answers, shown } = start();
  reading.again();
  answers[1]!.give(['new']);
  await settled();
  answers[0]!.give(['old']);
  await settled();

  expect(shown).toEqual([['new']]);
});

test('a failed reading says so, and tries again by itself when that may help', async () => {
  const { reading, answers, waits, shown } = start();
  const down = new AppError('UNAVAILABLE');
  answers[0]!.refuse(down);
  await settled();
  expect(reading.state.get()).toEqual({ state: 'failed', error: down });

  waits[0]!.run();
  answers[1]!.give(['back']);
  await settled();

  expect(reading.state.get()).toEqual({ state: 'ready', isOld: false });
  expect(shown).toEqual([['back']]);
});

test('what is known stays when it can’t be read anew, and is old until it can', async () => {
  const { reading, answers, waits, shown } = start();
  answers[0]!.give(['list']);
  await settled();
  reading.again();
  answers[1]!.refuse(new AppError('UNAVAILABLE'));
  await settled();
  expect(reading.state.get()).toEqual({ state: 'ready', isOld: true });

  waits[0]!.run();
  answers[2]!.give(['newer']);
  await settled();

  expect(reading.state.get()).toEqual({ state: 'ready', isOld: false });
  expect(shown).toEqual([['list'], ['newer']]);
});

test('does not ask for ever what is refused for good, nor after the end', async () => {
  const refused = start();
  refused.answers[0]!.refuse(new AppError('FORBIDDEN'));
  const ended = start();
  ended.answers[0]!.refuse(new AppError('UNAVAILABLE'));
  await settled();
  ended.reading.stop();

  expect([refused.waits, ended.waits]).toEqual([[], []]);
});

test('asks anew when more happens than it keeps', () => {
  const { reading, answers } = start();
  for (let n = 0; n <= 1_000; n += 1) reading.heard(String(n));

  expect(answers).toHaveLength(2);
});
