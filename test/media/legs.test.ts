import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createLegs, homeDialect } from '../../media/room/legs.ts';
import type { MediaWorker, Workers } from '../../media/workers.ts';

// To which workers a room grows, told by workers that are made up: of what is measured nothing else is known here.

function workerOf(index: number, measured: number) {
  const worker = {
    index,
    measured,
    load: () => worker.measured,
    usedShare: () => worker.measured,
    expect: () => undefined,
    worker: { createRouter: async () => ({ closed: false, observer: new EventEmitter(), close: () => undefined }) },
  };
  return worker;
}

const viewer = { ownerId: 'somebody', network: undefined };

test('a room grows to another worker from the load on that was measured, however many watch, and not before', async () => {
  const [first, second] = [workerOf(0, 0), workerOf(1, 0.1)];
  const leastLoaded = () => (first.load() <= second.load() ? first : second) as unknown as MediaWorker;
  const legs = createLegs({ workers: { leastLoaded } as unknown as Workers, loadMax: undefined });
  const nextGoesTo = async () => (await legs.takeFor(homeDialect, viewer)).mediaWorker.index;
  await legs.takeHome();

  first.measured = 0.69;
  for (let viewers = 0; viewers < 1_000; viewers += 1) expect(await nextGoesTo()).toBe(0);
  expect(legs.count()).toBe(1);

  first.measured = 0.71;
  expect(await nextGoesTo()).toBe(1);
  expect(legs.count()).toBe(2);
  first.measured = 0.69; // The one with less to do, of those it has.
  expect(await nextGoesTo()).toBe(1);

  [first.measured, second.measured] = [0.9, 0.8];
  expect(await nextGoesTo()).toBe(1);
  second.measured = 0.95;
  expect(await nextGoesTo()).toBe(0);
  expect(legs.count()).toBe(2);
});
