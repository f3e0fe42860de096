import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; error: unknown };

/**
 * Loads something when `keys` change and on `again()`. What was shown stays until the new answer is there; an answer that
 * comes after a newer question is thrown away.
 */
export function useLoaded<T>(load: () => Promise<T>, keys: readonly unknown[]) {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const question = useRef(0);
  const latestLoad = useRef(load);
  latestLoad.current = load;

  const again = useCallback(async () => {
    const mine = ++question.current;
    try {
      const value = await latestLoad.current();
      if (mine === question.current) setLoaded({ state: 'ready', value });
    } catch (error) {
      // A view that has something to show keeps it: old news is better than none.
      if (mine === question.current)
        setLoaded((shown) => (shown.state === 'ready' ? shown : { state: 'failed', error }));
    }
  }, []);

  useEffect(() => {
    setLoaded({ state: 'loading' });
    void again();
    return () => {
      question.current += 1;
    };
  }, keys);

  return { loaded, again, set: (value: T) => setLoaded({ state: 'ready', value }) };
}
