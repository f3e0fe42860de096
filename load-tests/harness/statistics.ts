/** Figures of several rounds: the one in the middle, how far they lie apart, and how far the middle half of them does. */
export type Spread = { median: number; min: number; max: number; lowerQuartile: number; upperQuartile: number };

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: medianOfSorted(sorted),
    min: sorted[0]!,
    max: sorted.at(-1)!,
    lowerQuartile: sorted[Math.floor((sorted.length - 1) / 4)]!,
    upperQuartile: sorted[Math.ceil(((sorted.length - 1) * 3) / 4)]!,
  };
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
