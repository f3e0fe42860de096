import { expect, test } from 'vitest';
import { concatBytes } from '../../shared/raffle/bytes.ts';
import { idsOf, packEntry } from '../../shared/raffle/packed-entry.ts';
import { nodeHashMany } from '../../shared/raffle/hash-many.node.ts';
import { rankEntries } from '../../shared/raffle/ranking.ts';
import { digestOf, entriesOf } from './draw-fixture.ts';

// 10,000 draws among the same 20 entries, with keys that are the same in every run. The limits are the 0.1 % and 99.9 % points of the
// chi-square distribution: a fair ranking passes both with these keys for ever, a slanted one does not.

const drawCount = 10_000;
const entryCount = 20;

async function simulatedDraws(): Promise<number[][]> {
  const packed = concatBytes(...entriesOf('fairness', entryCount).map(packEntry));
  const root = digestOf('root');
  const draws: number[][] = [];
  for (let draw = 0; draw < drawCount; draw++) {
    const placed = await rankEntries(digestOf(`key ${draw}`), root, idsOf(packed), entryCount, nodeHashMany);
    draws.push(placed.map(({ entryNumber }) => entryNumber));
  }
  return draws;
}

const draws = await simulatedDraws();

function chiSquare(observed: readonly number[]): number {
  const expected = observed.reduce((sum, count) => sum + count, 0) / observed.length;
  return observed.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function countsOf(values: readonly number[], kinds: number): number[] {
  const counts = new Array<number>(kinds).fill(0);
  for (const value of values) counts[value]!++;
  return counts;
}

test('every draw is an order of all entries, each once', () => {
  for (const draw of draws)
    expect([...draw].sort((a, b) => a - b)).toEqual(Array.from({ length: entryCount }, (_, i) => i));
});

test.each([0, 1, 9, 19])('each entry is equally often at place %i (chi-square, 19 degrees of freedom)', (place) => {
  const statistic = chiSquare(
    countsOf(
      draws.map((draw) => draw[place]!),
      entryCount,
    ),
  );

  expect(statistic).toBeGreaterThan(5.41);
  expect(statistic).toBeLessThan(43.82);
});

test('a winner says nothing about the next winner (serial test of pairs of draws, 399 degrees of freedom)', () => {
  const pairs = draws.slice(1).map((draw, i) => draws[i]![0]! * entryCount + draw[0]!);
  const statistic = chiSquare(countsOf(pairs, entryCount * entryCount));

  expect(statistic).toBeGreaterThan(315);
  expect(statistic).toBeLessThan(493);
});

test('the first place says nothing about the second of the same draw (380 ordered pairs, 379 degrees of freedom)', () => {
  const pairs = draws.map(([first, second]) => first! * (entryCount - 1) + (second! > first! ? second! - 1 : second!));
  const statistic = chiSquare(countsOf(pairs, entryCount * (entryCount - 1)));

  expect(statistic).toBeGreaterThan(297);
  expect(statistic).toBeLessThan(471);
});

test('a ranking that favours early numbers by a tenth would be noticed', () => {
  const slanted = draws.map((draw, i) => (i % 10 === 0 ? Math.min(draw[0]!, draw[1]!) : draw[0]!));

  expect(chiSquare(countsOf(slanted, entryCount))).toBeGreaterThan(43.82);
});
