import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * What moves within a list takes the focus along, so that the next press moves it on: browsers drop it on the way. Answers with what
 * is to be called before the list changes.
 */
export function useKeptFocus(list: readonly unknown[]): () => void {
  const focused = useRef<Element | null>(null);
  useLayoutEffect(() => {
    if (focused.current instanceof HTMLElement && focused.current !== document.activeElement) focused.current.focus();
    focused.current = null;
  }, [list]);
  return () => {
    focused.current = document.activeElement;
  };
}
