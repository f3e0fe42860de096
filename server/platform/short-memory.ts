import { setNewest } from '../../shared/newest.ts';

export type ShortMemoryOptions<T> = {
  read: (key: string) => Promise<T>;
  /** How long, ms, what was read is believed: how late a change made by another process is noticed, unless it is told. A function is asked anew each time. */
  freshMs: number | (() => number);
  /** Keys remembered; beyond it the one read longest ago is forgotten. */
  keysMax: number;
  nowMs: () => number;
};

export type ShortMemory<T> = {
  /** What was read lately, or is being read: all who ask at once share one read. A read that failed is not remembered. */
  of(key: string): Promise<T>;
  /** The next one who asks reads anew. */
  forget(key: string): void;
  /** Forgets all that `test` says yes to; `value` is undefined while it is being read. Looks at every key. */
  forgetWhere(test: (key: string, value: T | undefined) => boolean): void;
};

type Known<T> = { reading: Promise<T>; value: T | undefined; readAtMs: number };

/** Remembers for a moment what is read again and again. */
export function createShortMemory<T>({ read, freshMs, keysMax, nowMs }: ShortMemoryOptions<T>): ShortMemory<T> {
  const known = new Map<string, Known<T>>();
  const believedMs = typeof freshMs === 'number' ? () => freshMs : freshMs;

  return {
    of(key) {
      const found = known.get(key);
      if (found && nowMs() - found.readAtMs < believedMs()) return found.reading;
      const fresh: Known<T> = { reading: read(key), value: undefined, readAtMs: nowMs() };
      setNewest(known, key, fresh, keysMax);
      fresh.reading.then(
        (value) => (fresh.value = value),
        () => known.get(key) === fresh && known.delete(key),
      );
      return fresh.reading;
    },
    forget: (key) => void known.delete(key),
    forgetWhere(test) {
      for (const [key, { value }] of known) if (test(key, value)) known.delete(key);
    },
  };
}
