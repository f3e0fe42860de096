/** Rows of a listing as far as they were read; `next` leads on, null at the end. */
export type Pages<Row> = { rows: readonly Row[]; next: string | null };

/** What was read as one list: the rows behind a page that was asked for with `after`. An answer to an older list changes nothing. */
export function joined<Row>(
  known: Pages<Row>,
  after: string,
  page: Pages<Row>,
  idOf: (row: Row) => string,
): Pages<Row> {
  if (known.next !== after) return known;
  const ids = new Set(known.rows.map(idOf));
  return { rows: [...known.rows, ...page.rows.filter((row) => !ids.has(idOf(row)))], next: page.next };
}

/** The list after its first page was read again. What stands behind that page stays; what is gone from it is gone. */
export function refreshed<Row>(known: Pages<Row>, first: Pages<Row>, idOf: (row: Row) => string): Pages<Row> {
  if (first.next === null) return first; // There is no more than this: what stood last may be what is gone.
  // A search that found nothing on its first page goes on behind it, where the rows that are known were found.
  if (first.rows.length === 0) return known;
  const ids = new Set(first.rows.map(idOf));
  const behind = known.rows.slice(known.rows.findLastIndex((row) => ids.has(idOf(row))) + 1);
  // Nothing in common: so much is new that the rows between are not known.
  const isApart = behind.length === known.rows.length;
  return isApart || behind.length === 0 ? first : { rows: [...first.rows, ...behind], next: known.next };
}
