/** Figures of several rounds: the one in the middle, how well it is known, and how far they lie apart. */
export type Spread = { median: number; standardError: number; min: number; max: number };

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: medianOfSorted(sorted),
    standardError: errorOfMedian(sorted),
    min: sorted[0]!,
    max: sorted.at(-1)!,
  };
}

/** From the middle half, which stray rounds don't move: of normal noise it spans 1.349 deviations, and a median errs by 1.253 / √n of one. */
function errorOfMedian(sorted: readonly number[]): number {
  const lowerQuartile = sorted[Math.floor((sorted.length - 1) / 4)]!;
  const upperQuartile = sorted[Math.ceil(((sorted.length - 1) * 3) / 4)]!;
  return (((upperQuartile - lowerQuartile) / 1.349) * 1.253) / Math.sqrt(sorted.length);
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
