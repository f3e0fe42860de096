type Paging<Row, Key> = {
  /** Lies before every key. */
  first: Key;
  keyOf: (row: Row) => Key;
  /** At most `rowsPerPage` rows behind a key, in the order of their keys. */
  read: (after: Key, rowsPerPage: number) => Promise<Row[]>;
  rowsPerPage: number;
};

/** Reads a long list in steps. Rows that come or go meanwhile are seen or not; all others once. */
export async function* pages<Row, Key>({ first, keyOf, read, rowsPerPage }: Paging<Row, Key>): AsyncGenerator<Row[]> {
  let after = first;
  for (;;) {
    const rows = await read(after, rowsPerPage);
    if (rows.length > 0) yield rows;
    if (rows.length < rowsPerPage) return;
    after = keyOf(rows.at(-1)!);
  }
}

/** The same, row by row. */
export async function* rowsOf<Row, Key>(paging: Paging<Row, Key>): AsyncGenerator<Row> {
  for await (const rows of pages(paging)) yield* rows;
}

/** Lies before every UUID that is in use. */
export const noId = '00000000-0000-0000-0000-000000000000';
