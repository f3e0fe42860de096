import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; error: unknown };

/**
 * Loads something when `keys` change and on `again()`. What was shown stays until the new answer is there; an answer that
 * comes after a newer question is thrown away. `stale`: why what is shown could not be read anew; null while it is the newest.
 */
export function useLoaded<T>(load: () => Promise<T>, keys: readonly unknown[]) {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const [stale, setStale] = useState<unknown>(null);
  const question = useRef(0);
  const latestLoad = useRef(load);
  latestLoad.current = load;

  const again = useCallback(async () => {
    const mine = ++question.current;
    try {
      const value = await latestLoad.current();
      if (mine !== question.current) return;
      setStale(null);
      setLoaded({ state: 'ready', value });
    } catch (error) {
      if (mine !== question.current) return;
      // A view that has something to show keeps it: old news is better than none, as long as it is called old.
      setStale(error);
      setLoaded((shown) => (shown.state === 'ready' ? shown : { state: 'failed', error }));
    }
  }, []);

  useEffect(() => {
    setStale(null);
    setLoaded({ state: 'loading' });
    void again();
    return () => {
      question.current += 1;
    };
  }, keys);

  return { loaded, stale, again, set: (value: T) => setLoaded({ state: 'ready', value }) };
}
