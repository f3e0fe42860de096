import { useEffect } from 'preact/hooks';
import { createStore } from './store.ts';

/** Views that still show what they could not read anew: how each of them reads again. One bar says so for all of them. */
export const oldNews = createStore<ReadonlySet<() => void>>(new Set());

/** While `isOld` this view is called old. */
export function useOldNews(isOld: boolean, again: () => void): void {
  useEffect(() => {
    if (!isOld) return;
    oldNews.update((all) => new Set(all).add(again));
    return () => oldNews.update((all) => new Set([...all].filter((one) => one !== again)));
  }, [isOld]);
}
