/** A word beside a line, px of the canvas. `row`: 0 is the upper one. */
export type PlacedLabel = { x: number; row: number };

const rows = 2;

/**
 * Places words beside their lines so that none runs into another one or out of the picture: to the right of the line where there
 * is room, else to its left; null where there is none, and the line stands alone.
 *
 * @param marks  lines from left to right: where, and how wide the word is.
 * @param edge   of the picture.
 * @param gap    between a word and its line, and twice between words.
 */
export function placedLabels(
  marks: readonly { x: number; width: number }[],
  edge: { left: number; right: number },
  gap: number,
): (PlacedLabel | null)[] {
  const freeFrom = Array<number>(rows).fill(edge.left);
  return marks.map(({ x, width }) => {
    const fitsRight = x + gap + width <= edge.right;
    const begin = fitsRight ? x + gap : x - gap - width;
    const row = freeFrom.findIndex((from) => from <= begin);
    if (row < 0) return null;
    freeFrom[row] = begin + width + 2 * gap;
    return { x: begin, row };
  });
}
