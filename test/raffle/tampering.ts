/** The way to a value in a document. */
export type Path = (string | number)[];

/** Paths of all values in a document that are not objects or lists. */
export function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => leafPaths(member, [...path, name]));
}

/** The document with the smallest change of the value at a path that keeps its type where that can be. */
export function changedAt(document: unknown, path: Path): unknown {
  const copy = structuredClone(document);
  const parent = path.slice(0, -1).reduce((at, name) => (at as Record<string, unknown>)[name], copy) as Record<
    string,
    unknown
  >;
  const name = path.at(-1)!;
  parent[name] = changed(parent[name]);
  return copy;
}

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (value === null) return '00'.repeat(32);
  const text = value as string;
  return text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
}

/** Values to put where JSON pointers lead. */
export type Change = Record<string, unknown>;

export function changedBy(document: unknown, change: Change): unknown {
  const copy = structuredClone(document);
  for (const [pointer, value] of Object.entries(change)) {
    const names = pointer.slice(1).split('/');
    const parent = names
      .slice(0, -1)
      .reduce((at, name) => at[name] as Record<string, unknown>, copy as Record<string, unknown>);
    parent[names.at(-1)!] = value;
  }
  return copy;
}
