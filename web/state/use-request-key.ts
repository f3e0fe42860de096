import { useRef } from 'preact/hooks';
import { newKey } from './new-key.ts';
import { serverNowMs } from './server-clock.ts';

/** `atMs`: when it was first asked for, Unix ms of the server's clock. What is reckoned from "now" is reckoned from there. */
type Wish = { contents: string; key: string; atMs: number };

const none: Wish = { contents: '', key: '', atMs: 0 };

/**
 * Gives the key of a request by its contents: the same contents sent again have the same key, so that a lost answer can be asked
 * for again; changed ones have another. `done` is called when the wish was fulfilled: the same contents are a new wish then. Another wish
 * that was begun meanwhile keeps its key.
 */
export function useRequestKey() {
  const last = useRef(none);

  function wishOf(contents: unknown): Readonly<Wish> {
    const text = JSON.stringify(contents);
    if (last.current.contents !== text) last.current = { contents: text, key: newKey(), atMs: serverNowMs() };
    return last.current;
  }

  return {
    wishOf,
    keyOf: (contents: unknown): string => wishOf(contents).key,
    done(contents: unknown): void {
      if (last.current.contents === JSON.stringify(contents)) last.current = none;
    },
  };
}
