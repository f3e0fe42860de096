import { expect, test } from 'vitest';
import { createLoad } from '../../media/load.ts';
import { eventually } from '../support/eventually.ts';

// How full a media server is, told by rooms and workers that are made up.

let numbers = 0;
const viewer = (bps = 1_000_000) => {
  const consumers = new Map<string, { paused: boolean; producerPaused: boolean }>();
  const transport = { getStats: async () => [{ sendBitrate: bps }] };
  return { number: ++numbers, direction: 'watch', consumers, transport };
};
const shown = { paused: false, producerPaused: false };
type Viewer = ReturnType<typeof viewer>;

function server({ sendsMaxBps = null as number | null, used = [0.07, 0.7] }) {
  let atMs = 0;
  const sessions = new Map<number, Viewer>();
  const room = { sessions: () => sessions, publishing: () => new Set() };
  const running = {
    rooms: { all: () => [room].values() },
    workers: { running: () => used.map((share) => ({ usedShare: () => share })) },
  };
  const load = createLoad({ sfu: { running: () => running as never }, sendsMaxBps, nowMs: () => atMs });
  return {
    ...load,
    add: (...viewers: Viewer[]) => viewers.forEach((each) => sessions.set(each.number, each)),
    /** @returns the load after a look behind it */
    later: () => ((atMs += 1_000), load.now()),
  };
}

test('the least used worker tells how full a server is, and no worker is no answer', () => {
  expect(server({}).now()).toBeCloseTo(0.1);
  expect(server({ used: [] }).now()).toBeNull();
});

test('who is sent nothing counts as what they will cost, at once and as long as it lasts', () => {
  const { add, now, later, perViewer } = server({});
  const before = now()!;
  const crowd = Array.from({ length: 1_000 }, () => viewer());
  add(...crowd);
  const waiting = before + 1_000 * perViewer();
  expect(now()).toBeCloseTo(waiting);
  expect(waiting).toBeGreaterThan(1);
  for (let i = 0; i < 3; i++) expect(later()).toBeCloseTo(waiting);

  // The processors don't show it in the first moment.
  for (const { consumers } of crowd) consumers.set('sound', shown);
  expect(later()).toBeCloseTo(waiting);
  expect(later()).toBeCloseTo(before);
  for (const { consumers } of crowd) consumers.set('sound', { ...shown, producerPaused: true });
  expect(later()).toBeCloseTo(waiting);
});

test('where there is a bound on what is sent, it tells with what viewers are really sent', async () => {
  const { add, now, later, perViewer } = server({ sendsMaxBps: 100_000_000 });
  const all = Array.from({ length: 60 }, () => viewer(500_000));
  for (const { consumers } of all) consumers.set('sound', shown);
  add(...all);
  expect(now()).toBeCloseTo(0.9); // As long as nothing is known of them.
  later();
  later();
  await eventually(() => now()! < 0.31);
  expect(now()).toBeCloseTo(0.3);
  expect(perViewer()).toBeCloseTo(0.005);
  add(...Array.from({ length: 140 }, () => viewer()));
  expect(now()).toBeCloseTo(1);
});
