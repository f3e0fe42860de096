import { describe, expect, test } from 'vitest';
import { compareSides } from './harness/compare.ts';
import { DeliveryCounter, markOf } from './harness/delivery-counter.ts';
import { LatencyHistogram } from './harness/latency-histogram.ts';
import { runScenario } from './harness/run-scenario.ts';
import type { Load, Side } from './harness/scenario.ts';
import { isQuotable, type Report } from './harness/report.ts';
import { FrameCutter, opcodes, serverFrame } from './harness/websocket-frames.ts';
import { requestText } from './harness/request-text.ts';

describe('a report', () => {
  const comparison = (verdict: 'stands' | 'void'): Report['comparisons'][number] => ({
    name: 'made up',
    unit: 'µs',
    verdict,
    why: '',
    rounds: 5,
    nullRatio: null,
    stolenCpuShare: 0,
    sides: [],
    targets: [],
  });
  const check = (holds: boolean): Report['checks'][number] => ({ statement: 'all arrive', holds, detail: '' });
  const origin = { dirty: false, machine: { pinning: {} } } as unknown as Report['origin'];
  const report = (parts: Partial<Report>): Report => ({
    scenario: 'made-up',
    profile: 'full',
    origin,
    comparisons: [],
    checks: [],
    ...parts,
  });

  test.each<[string, Partial<Report>, boolean]>([
    ['a comparison that stands', { comparisons: [comparison('void'), comparison('stands')] }, true],
    ['void comparisons', { comparisons: [comparison('void')], checks: [check(true)] }, false],
    ['checks alone that hold', { checks: [check(true)] }, true],
    ['a broken check', { comparisons: [comparison('stands')], checks: [check(true), check(false)] }, false],
    ['nothing', {}, false],
    ['a smoke run', { profile: 'smoke', checks: [check(true)] }, false],
    ['changed code', { origin: { ...origin, dirty: true }, checks: [check(true)] }, false],
  ])('of %s: may it be quoted?', (_of, parts, expected) => {
    expect(isQuotable(report(parts))).toBe(expected);
  });
});

describe('a comparison', () => {
  /** A side whose measurements give these values, one after another, over and over. */
  const sideOf = (name: string, values: number[], order: string[] = []): Side => ({
    name,
    setUp: 'made up',
    async open() {
      let measured = 0;
      return {
        async measure() {
          order.push(name);
          return { value: values[measured++ % values.length]! };
        },
        close: async () => void order.push(`close ${name}`),
      };
    },
  });
  const compare = (baseline: Side, ...sides: Side[]) =>
    compareSides({ name: 'made up', unit: 'µs', baseline, sides, rounds: 5, openings: 1 }, 'full', () => undefined);

  test('takes the ratio within each round, so that a machine that slows down changes nothing', async () => {
    const slowing = Array.from({ length: 12 }, (_, i) => 10 * (1 + i));
    const { sides, verdict } = await compare(
      sideOf('peer', slowing),
      sideOf(
        'ours',
        slowing.map((value) => value / 4),
      ),
    );
    expect(sides[1]!.ratio).toMatchObject({ median: 0.25, min: 0.25, max: 0.25 });
    expect(verdict).toBe('stands');
  });

  test('measures there and back after a warm-up, the baseline twice, and closes in reverse', async () => {
    const order: string[] = [];
    const [peer, ours] = [sideOf('peer', [1], order), sideOf('ours', [1], order)];
    await compareSides(
      { name: 'made up', unit: 'µs', baseline: peer, sides: [ours], rounds: 1, openings: 1 },
      'full',
      () => undefined,
    );
    const there = ['peer', 'ours', 'peer'];
    expect(order).toEqual([...there, ...there, ...there.toReversed(), 'close peer', 'close ours', 'close peer']);
  });

  test('is found by any part of its name, and a run that finds none says which there are', async () => {
    const scenario = {
      summary: 'made up',
      run: (load: Load) =>
        load.compare({ name: 'beside Janus', unit: 'µs', baseline: sideOf('peer', [1]), sides: [sideOf('ours', [1])] }),
    };
    const runOnly = (only: string) => runScenario(scenario, { name: 'made up', profile: 'smoke', only });

    expect((await runOnly('janus')).comparisons).toHaveLength(1);
    await expect(runOnly('nchan')).rejects.toThrow('beside Janus');
  });

  test('starts all processes anew, for they differ by what their compilers made of them', async () => {
    const order: string[] = [];
    const [peer, ours] = [sideOf('peer', [1], order), sideOf('ours', [1], order)];
    const twice = { name: 'made up', unit: 'µs', baseline: peer, sides: [ours], rounds: 1, openings: 2 };
    const { rounds } = await compareSides(twice, 'full', () => undefined);
    expect(rounds).toBe(2);
    expect(order.filter((what) => what === 'close ours')).toHaveLength(2);
  });

  test('is void when the baseline does not agree with itself', async () => {
    let instances = 0;
    const moody: Side = { ...sideOf('peer', [10]), open: () => sideOf('peer', [10 + instances++]).open() };
    const { verdict, why, nullRatio } = await compare(moody, sideOf('ours', [1]));
    expect(nullRatio!.median).toBeCloseTo(1.1);
    expect(verdict).toBe('void');
    expect(why).toContain('1.100');
  });

  test('is void when the baseline agrees with itself only on the average of wild rounds', async () => {
    let instances = 0;
    const [steady, wild] = [[10], [8, 8, 12, 12, 10, 10]];
    const moody: Side = { ...sideOf('peer', steady), open: () => sideOf('peer', instances++ ? wild : steady).open() };
    const { verdict, why, nullRatio } = await compare(moody, sideOf('ours', [1]));
    expect(nullRatio!.median).toBeCloseTo(1);
    expect(verdict).toBe('void');
    expect(why).toContain('is known to');
  });

  test('closes what is open when a side can not be opened', async () => {
    const order: string[] = [];
    const broken: Side = { name: 'broken', setUp: '', open: () => Promise.reject(new Error('no')) };
    await expect(compare(sideOf('peer', [1], order), broken)).rejects.toThrow('no');
    expect(order).toEqual(['close peer', 'close peer']); // The null run's too.
  });
});

test('percentiles are right within a 64th', () => {
  const histogram = new LatencyHistogram();
  for (let ms = 1; ms <= 1_000; ms++) histogram.addMs(ms);
  const { p50Ms, p99Ms, p999Ms, maxMs } = histogram.percentiles();
  for (const [measured, exact] of [
    [p50Ms, 500],
    [p99Ms, 990],
    [p999Ms, 999],
    [maxMs, 1_000],
  ] as const) {
    expect(measured).toBeGreaterThanOrEqual(exact);
    expect(measured).toBeLessThanOrEqual(exact * (1 + 1 / 64) + 0.001);
  }
});

test.each([
  [
    [1, 2, 3, 7, 130],
    ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(300)],
  ],
  [
    [4_096, 65_536, 1_000_000],
    ['e'.repeat(65_535), 'f'.repeat(65_536), '', 'g'.repeat(200_000)],
  ],
])('frames are cut the same however the stream is torn: pieces of %j bytes', (pieces, payloads) => {
  const stream = Buffer.concat(payloads.map((payload) => serverFrame(opcodes.text, payload)));
  for (const pieceBytes of pieces) {
    const heard: string[] = [];
    const cutter = new FrameCutter((_opcode, bytes, start, end) => heard.push(bytes.toString('utf8', start, end)));
    for (let at = 0; at < stream.length; at += pieceBytes) {
      const piece = Buffer.from(stream.subarray(at, at + pieceBytes));
      cutter.push(piece);
      piece.fill(0); // The memory of a read is used again.
    }
    expect(heard).toEqual(payloads);
  }
});

describe('deliveries', () => {
  const counterOf = (...rows: number[][]) => {
    const counter = new DeliveryCounter(rows.length, () => 10);
    counter.expect({ startMs: 0, intervalMs: 1, first: 1 });
    rows.forEach((numbers, socket) => {
      const frame = Buffer.from(
        `["room:frame",{"entries":[${numbers.map((number) => `"${markOf(number)} hi"`).join()}]}]`,
      );
      counter.see(socket, frame, 0, frame.length);
    });
    return counter.report();
  };

  test('are counted, several in a frame, with older ones left out', () => {
    expect(counterOf([0, 1, 2, 3])).toMatchObject({ frames: 1, messages: 3 });
  });

  test.each([
    ['another order', [1, 2, 3], [1, 3, 2]],
    ['a gap', [1, 2, 3], [1, 3]],
    ['a message twice', [1, 2, 3], [1, 2, 2, 3]],
  ])('with %s on one socket are a second sequence', (_what, one, other) => {
    expect(counterOf(one, one).sequences).toHaveLength(1);
    expect(counterOf(one, other).sequences).toHaveLength(2);
  });
});

test('requests are filled in by number', () => {
  const text = requestText({
    name: 'say',
    input: { to: '{choice}', text: '{mark} no. {number}' },
    choices: ['a', 'b'],
  });
  expect(JSON.parse(text(3))).toEqual(['say', { to: 'b', text: '~0000003 no. 3' }]);
});
