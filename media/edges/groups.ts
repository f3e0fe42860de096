/** So many are told at once, */
const groupMax = 100;
/** and as many more each time: about what one process places, connects and shows a stream. */
const groupEveryMs = 200;

/**
 * Tells news in groups, those that came first before the others: nothing waits as long as there are few. All who were at an edge come back
 * to this one process the moment they hear that it is lost. Told together, they would all wait for the last of them to be placed before
 * the first has a picture.
 */
export function createGroups<T>(tell: (each: T) => void) {
  const waiting: T[] = [];
  /** How many more may be told before the next group. */
  let left = groupMax;
  let pausing: NodeJS.Timeout | undefined;

  return {
    add(each: T): void {
      waiting.push(each);
      tellSome();
    },
    /** Tells what waits. */
    close(): void {
      clearTimeout(pausing);
      waiting.splice(0).forEach(tell);
    },
  };

  function tellSome(): void {
    const group = waiting.splice(0, left);
    left -= group.length;
    if (group.length > 0) pausing ??= setTimeout(nextGroup, groupEveryMs);
    group.forEach(tell);
  }

  function nextGroup(): void {
    pausing = undefined;
    left = groupMax;
    tellSome();
  }
}
