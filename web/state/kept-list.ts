import { createKept } from './kept.ts';
import { createStore, type Store } from './store.ts';

/** What this browser saw once and does not forget for later words of a server: the first of an id stays. */
export type KeptList<T> = {
  /** For parts of a page that show it. */
  store: Store<readonly T[]>;
  keep(item: T): void;
  find(id: string): T | undefined;
};

/**
 * A list kept in this browser.
 *
 * @param itemsMax how many are kept; the oldest go.
 */
export function createKeptList<T extends object>(
  key: string,
  idOf: (item: T) => string,
  itemsMax: number,
): KeptList<T> {
  const kept = createKept<readonly T[]>(key, (raw) =>
    Array.isArray(raw) ? raw.filter((one: unknown): one is T => typeof one === 'object' && one !== null) : null,
  );
  const store = createStore<readonly T[]>(kept.read() ?? []);
  const find = (id: string) => store.get().find((one) => idOf(one) === id);
  return {
    store,
    keep(item) {
      if (find(idOf(item))) return;
      const before = kept.read() ?? []; // Another tab may have kept something meanwhile.
      const isKept = before.some((one) => idOf(one) === idOf(item));
      const after = isKept ? before : [...before, item].slice(-itemsMax);
      kept.write(after);
      store.set(after);
    },
    find,
  };
}
