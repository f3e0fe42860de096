/**
 * Runs `run` for every item, `atOnce` of them at a time, and begins them in their order. What must not stop the others catches for
 * itself: after the first failure no further item is begun by whoever ran it, and that failure is thrown.
 */
export async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  const left = items.values();
  const runSome = async (): Promise<void> => {
    for (const item of left) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, runSome));
}

/** As `eachOf`, but one that fails keeps none of the others from their turn; the first failure is thrown at the end. */
export async function eachTried<T>(
  items: readonly T[],
  atOnce: number,
  run: (item: T) => Promise<unknown>,
): Promise<void> {
  const failures: unknown[] = [];
  await eachOf(items, atOnce, (item) => run(item).catch((error: unknown) => failures.push(error)));
  if (failures.length > 0) throw failures[0];
}

/** Items in their order, `groupMax` at a time: what is done for all of a group at once holds up everything else for so long only. */
export function groupsOf<T>(items: readonly T[], groupMax: number): T[][] {
  const groups: T[][] = [];
  for (let from = 0; from < items.length; from += groupMax) groups.push(items.slice(from, from + groupMax));
  return groups;
}
