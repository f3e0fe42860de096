import { useEffect, useState } from 'preact/hooks';

/** A value that parts of the page watch. */
export type Store<T> = {
  get(): T;
  set(next: T): void;
  update(change: (current: T) => T): void;
  /** Calls back after each change; returns how to stop. */
  subscribe(onChange: () => void): () => void;
};

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  const store: Store<T> = {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    update: (change) => store.set(change(value)),
    subscribe(onChange) {
      listeners.add(onChange);
      return () => void listeners.delete(onChange);
    },
  };
  return store;
}

/** The store's value, and a new render when it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSelected(store, identity<T>);
}

/** A part of the store's value; renders anew only when that part is another one. `select` must not build new objects. */
export function useSelected<T, Part>(store: Store<T>, select: (value: T) => Part): Part {
  const [part, setPart] = useState({ value: select(store.get()) });
  useEffect(() => {
    const look = () =>
      setPart((shown) => {
        const value = select(store.get());
        return Object.is(shown.value, value) ? shown : { value };
      });
    look(); // It may have changed between the render and now.
    return store.subscribe(look);
  }, [store]);
  return part.value;
}

const identity = <T>(value: T): T => value;
