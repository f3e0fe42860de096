export type ShortMemoryOptions<T> = {
  read: (key: string) => Promise<T>;
  /** How long, ms, what was read is believed: how late a change made by another process is noticed, unless it is told. */
  freshMs: number;
  /** Keys remembered; beyond it the one read longest ago is forgotten. */
  keysMax: number;
  nowMs: () => number;
};

export type ShortMemory<T> = {
  /** What was read lately, or is being read: all who ask at once share one read. A read that failed is not remembered. */
  of(key: string): Promise<T>;
  /** The next one who asks reads anew. */
  forget(key: string): void;
};

/** Remembers for a moment what is read again and again. */
export function createShortMemory<T>({ read, freshMs, keysMax, nowMs }: ShortMemoryOptions<T>): ShortMemory<T> {
  const known = new Map<string, { value: Promise<T>; readAtMs: number }>();

  return {
    of(key) {
      const found = known.get(key);
      if (found && nowMs() - found.readAtMs < freshMs) return found.value;
      const fresh = { value: read(key), readAtMs: nowMs() };
      known.delete(key); // The newest goes to the end, so that the first is the one read longest ago.
      known.set(key, fresh);
      if (known.size > keysMax) known.delete(known.keys().next().value!);
      fresh.value.catch(() => known.get(key) === fresh && known.delete(key));
      return fresh.value;
    },
    forget: (key) => void known.delete(key),
  };
}
