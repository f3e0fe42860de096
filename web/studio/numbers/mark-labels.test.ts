import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placedLabels } from './mark-labels.ts';

const edge = { left: 50, right: 450 };
const gap = 4;

test('words stand right of their line, left of it at the end of the picture, and in two rows where it is crowded', () => {
  const marks = [100, 120, 130, 440].map((x) => ({ x, width: 60 }));
  expect(placedLabels(marks, edge, gap)).toEqual([{ x: 104, row: 0 }, { x: 124, row: 1 }, null, { x: 376, row: 0 }]);
});

test('no word runs into another one or out of the picture, whatever the marks are', () => {
  const mark = fc.record({ x: fc.integer({ min: 50, max: 450 }), width: fc.integer({ min: 1, max: 500 }) });
  fc.assert(
    fc.property(fc.array(mark, { maxLength: 30 }), (unsorted) => {
      const marks = [...unsorted].sort((a, b) => a.x - b.x);
      const words = placedLabels(marks, edge, gap).flatMap((placed, index) =>
        placed ? [{ ...placed, end: placed.x + marks[index]!.width }] : [],
      );
      for (const word of words) {
        expect(word.x).toBeGreaterThanOrEqual(edge.left);
        expect(word.end).toBeLessThanOrEqual(edge.right);
        const others = words.filter((other) => other !== word && other.row === word.row);
        expect(others.filter(({ x, end }) => x < word.end && word.x < end)).toEqual([]);
      }
    }),
  );
});
