type Thinning<First> = {
  /** How often something is said under one key, at most, ms. */
  everyMs: number;
  /** Keys with something to say at a time; past it nothing is said of new ones. */
  keysMax: number;
  after: (ms: number, run: () => void) => void;
  /** Says what came first, and how many others came after it. Must not throw. */
  say: (first: First, others: number) => void;
};

/**
 * Thins what may happen thousands of times a second: the first under a key is said after `everyMs`, and those that come meanwhile
 * are only counted. What would be said of them is not even made, so that each of a rush costs one look-up.
 */
export function createThinned<First>({ everyMs, keysMax, after, say }: Thinning<First>) {
  const waiting = new Map<string, { first: First; others: number }>();

  return function note(key: string, first: () => First): void {
    const known = waiting.get(key);
    if (known) return void (known.others += 1);
    if (waiting.size >= keysMax) return;
    const entry = { first: first(), others: 0 };
    waiting.set(key, entry);
    after(everyMs, () => {
      waiting.delete(key);
      say(entry.first, entry.others);
    });
  };
}
