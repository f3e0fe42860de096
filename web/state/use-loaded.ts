import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useOldNews } from './old-news.ts';

export type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; error: unknown };

/**
 * Loads something when `keys` change; the same thing anew when `hints` change and on `again()`: what was shown stays then until the new
 * answer is there. An answer that comes after a newer question is thrown away. What could not be read anew is called old.
 */
export function useLoaded<T>(load: () => Promise<T>, keys: readonly unknown[], hints: readonly unknown[] = []) {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const [isOld, setOld] = useState(false);
  const question = useRef(0);
  const latestLoad = useRef(load);
  latestLoad.current = load;

  const again = useCallback(async () => {
    const mine = ++question.current;
    try {
      const value = await latestLoad.current();
      if (mine !== question.current) return;
      setOld(false);
      setLoaded({ state: 'ready', value });
    } catch (error) {
      if (mine !== question.current) return;
      // A view that has something to show keeps it: old news is better than none, as long as it is called old.
      setOld(true);
      setLoaded((shown) => (shown.state === 'ready' ? shown : { state: 'failed', error }));
    }
  }, []);

  useEffect(() => {
    setOld(false);
    setLoaded({ state: 'loading' });
    return () => {
      question.current += 1;
    };
  }, keys);
  useEffect(() => void again(), [...keys, ...hints]);

  useOldNews(isOld && loaded.state === 'ready', () => void again());
  return { loaded, again, set: (value: T) => setLoaded({ state: 'ready', value }) };
}
