import { expect, onTestFinished, test, vi } from 'vitest';
import { createAudience } from '../../media/audience.ts';
import { createLoad } from '../../media/load.ts';
import { createRooms, type Rooms } from '../../media/rooms.ts';
import { eventually } from '../support/eventually.ts';

// How full a media server is, told by workers and sessions that are made up.

/** A worker of which so much is used. */
function workerOf(usedFirst: number) {
  let used = usedFirst;
  let expected = 0;
  return {
    use: (share: number) => void (used = share),
    expect: (sessions: number) => void (expected += sessions),
    expected: () => expected,
    load: () => used + expected * 0.0015,
  };
}
type Worker = ReturnType<typeof workerOf>;

let numbers = 0;
const flowing = { paused: false, producerPaused: false };
const sessionOn = (mediaWorker: Worker, direction: 'watch' | 'publish' = 'watch', bps = 1_000_000) => ({
  number: ++numbers,
  direction,
  leg: { mediaWorker },
  producers: new Map<string, object>(),
  consumers: new Map<string, typeof flowing>(),
  transport: { getStats: async () => [{ sendBitrate: bps }] },
});
type Session = ReturnType<typeof sessionOn>;

function server({ sendsMaxBps = null as number | null, used = [0.07, 0.7] }) {
  let atMs = 0;
  const workers = used.map(workerOf);
  const audience = createAudience();
  const running = { rooms: audience, workers: { running: () => workers } };
  const load = createLoad({ sfu: { running: () => running as never }, sendsMaxBps, nowMs: () => atMs });
  return {
    ...load,
    workers,
    come: (...sessions: Session[]) =>
      sessions.forEach((each) => {
        each.leg.mediaWorker.expect(1); // As when they get a leg.
        audience.comes(each as never);
      }),
    go: (...sessions: Session[]) =>
      sessions.forEach((each) => {
        audience.goes(each as never);
        each.leg.mediaWorker.expect(-1);
      }),
    look: () => audience.look(),
    /** @returns the load behind a look, a second later */
    later: () => {
      atMs += 1_000;
      audience.look();
      return load.now();
    },
  };
}

test('a server is full when all of its workers are, each of them by itself', () => {
  expect(server({ used: [0.07, 0.7] }).now()).toBeCloseTo(0.55);
  expect(server({ used: [0.07, 0.99] }).now()).toBeCloseTo(0.55);
  expect(server({ used: [0.77, 0.91] }).now()).toBeCloseTo(1.1);
  expect(server({ used: [] }).now()).toBeNull();
});

test('who is sent nothing counts as what they will cost, at once, as long as it lasts, and on their own worker', () => {
  const { come, go, later, now, perViewer, workers } = server({});
  const before = now()!;
  const [quiet, busy] = workers as [Worker, Worker];
  const crowd = Array.from({ length: 400 }, () => sessionOn(quiet));
  come(...crowd);
  const waiting = before + 400 * perViewer();
  expect(now()).toBeCloseTo(waiting);
  for (let i = 0; i < 3; i++) expect(later()).toBeCloseTo(waiting);
  expect(quiet.load()).toBeCloseTo(0.67);
  expect(busy.load()).toBeCloseTo(0.7);

  // The processors don't show it in the first moment.
  const begin = (change: Partial<typeof flowing>) =>
    crowd.forEach(({ consumers }) => consumers.set('sound', { ...flowing, ...change }));
  begin({});
  expect(later()).toBeCloseTo(waiting);
  expect(later()).toBeCloseTo(before);
  begin({ producerPaused: true });
  expect(later()).toBeCloseTo(waiting);
  begin({});
  later();
  expect(later()).toBeCloseTo(before);

  go(...crowd.slice(0, 100));
  begin({ paused: true });
  later();
  go(...crowd.slice(100));
  expect([quiet.expected(), busy.expected()]).toEqual([0, 0]);
});

test('who publishes counts until they do, and is no viewer', () => {
  const { come, go, later, workers, now } = server({ sendsMaxBps: 1_500_000_000 });
  const host = sessionOn(workers[0]!, 'publish');
  come(host);
  const waiting = now()!;
  expect(later()).toBeCloseTo(waiting);
  host.producers.set('picture', {});
  later();
  expect(later()).toBeLessThan(waiting);
  go(host);
  expect(workers[0]!.expected()).toBe(0);
});

test('where there is a bound on what is sent, it tells with what viewers are really sent', async () => {
  const { come, look, now, later, perViewer, workers } = server({ sendsMaxBps: 100_000_000, used: [0.07] });
  const all = Array.from({ length: 60 }, () => sessionOn(workers[0]!, 'watch', 500_000));
  for (const { consumers } of all) consumers.set('sound', flowing);
  come(...all);
  expect(now()).toBeCloseTo(0.9); // As long as nothing is known of them.
  look();
  look();
  later();
  await eventually(() => now()! < 0.31);
  expect(now()).toBeCloseTo(0.3);
  expect(perViewer()).toBeCloseTo(0.005);
  come(...Array.from({ length: 140 }, () => sessionOn(workers[0]!)));
  expect(now()).toBeCloseTo(1);
});

test('a server refuses viewers above what all of its workers carry, and at the bound of what is sent', () => {
  expect(server({ used: [0.83] }).hasRoom(0)).toBe(true);
  expect(server({ used: [0.85] }).hasRoom(0)).toBe(false);
  expect(server({ used: [0.1, 0.99] }).hasRoom(0)).toBe(true);
  expect(server({ used: [] }).hasRoom(0)).toBe(true); // They hear that there is none.

  const line = server({ used: [0.1], sendsMaxBps: 15_000_000 });
  line.come(...Array.from({ length: 8 }, () => sessionOn(line.workers[0]!)));
  expect([0, 1, 2].map(line.hasRoom)).toEqual([true, true, false]);
  const narrow = server({ used: [0.1], sendsMaxBps: 1_000_000 }); // Sound alone would fit: the first one shows it.
  expect([0, 1].map(narrow.hasRoom)).toEqual([true, false]);
});

test('who waits fills a server at once; the handshakes of a rush fill none, as long as those who come will fit', () => {
  const { come, hasRoom, later, workers } = server({ used: [0.05] });
  const [worker] = workers as [Worker];
  const comes = (count: number) => come(...Array.from({ length: count }, () => sessionOn(worker)));
  expect(hasRoom(0)).toBe(true);
  worker.use(0.95);
  comes(200);
  later();
  expect(hasRoom(0)).toBe(true);
  // They and as many more are what a core carries.
  comes(200);
  expect(hasRoom(0)).toBe(true);
  comes(150);
  expect(hasRoom(0)).toBe(false);
});

test('a rush after a time in which nobody came is judged by the seconds before it', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const nowMs = (): number => Date.now();
  const worker = workerOf(0.05);
  const workers = { running: () => [worker] };
  const sfu = { running: () => ({ rooms, workers }) as never };
  const { hasRoom } = createLoad({ sfu, sendsMaxBps: null, nowMs });
  const others = { tell: () => undefined, log: {} as never, loadMax: undefined, publisherBitrateMaxBps: 1 };
  const rooms: Rooms = createRooms({ ...others, workers: workers as never, nowMs, hasRoom });
  onTestFinished(() => rooms.close());

  vi.advanceTimersByTime(10_000);
  worker.use(0.95);
  expect(hasRoom(0)).toBe(true);
  vi.advanceTimersByTime(5_000);
  expect(hasRoom(0)).toBe(false);
});

test('a worker that stays busy is full after seconds, whatever keeps it busy', () => {
  const { hasRoom, later, workers } = server({ used: [0.05] });
  expect(hasRoom(0)).toBe(true);
  workers[0]!.use(0.95);
  const says = Array.from({ length: 5 }, () => (later(), hasRoom(0)));
  expect(says).toEqual([true, true, true, false, false]);
});
