import { useRef } from 'preact/hooks';
import { newKey } from './new-key.ts';

/**
 * Gives the key of a request by its contents: the same contents sent again have the same key, so that a lost answer can be asked
 * for again; changed ones have another. `done` is called when the wish was fulfilled: the same contents are a new wish then.
 */
export function useRequestKey() {
  const last = useRef({ contents: '', key: '' });

  return {
    keyOf(contents: unknown): string {
      const text = JSON.stringify(contents);
      if (last.current.contents !== text) last.current = { contents: text, key: newKey() };
      return last.current.key;
    },
    done: (): void => void (last.current = { contents: '', key: '' }),
  };
}
