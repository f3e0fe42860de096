import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useOldNews } from './old-news.ts';
import { online } from './online.ts';

export type Loaded<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; error: unknown };

/**
 * Loads something when `keys` change; the same thing anew when `hints` change, on `again()`, and when a lost connection is back: what
 * was shown stays then until the new answer is there. An answer that comes after a newer question is thrown away. What could not be
 * read anew is called old.
 *
 * @param merged what is shown of a new answer where an older one was; the new one as it is, if not given.
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  keys: readonly unknown[],
  hints: readonly unknown[] = [],
  merged: (shown: T, answer: T) => T = latter,
) {
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
      setLoaded((shown) => ready(shown.state === 'ready' ? merged(shown.value, value) : value));
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
  // Whoever was away was told nothing by the socket.
  useEffect(() => online.subscribe(() => online.get() && void again()), []);

  useOldNews(isOld && loaded.state === 'ready', () => void again());
  return {
    loaded,
    again,
    /** Shows what somebody has from elsewhere. An answer that is still under way is older. */
    set(value: T): void {
      question.current += 1;
      setOld(false);
      setLoaded(ready(value));
    },
    /** Changes what is shown, if something is. */
    update: (change: (shown: T) => T): void =>
      setLoaded((shown) => (shown.state === 'ready' ? ready(change(shown.value)) : shown)),
  };
}

const ready = <T>(value: T): Loaded<T> => ({ state: 'ready', value });
const latter = <T>(_: T, answer: T): T => answer;
