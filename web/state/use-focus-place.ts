import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Where the focus goes when the button that had it is gone: without one, whoever uses a keyboard begins at the top of the page.
 * The place must be able to take it (`tabIndex={-1}`).
 */
export function useFocusPlace<Place extends HTMLElement>() {
  const place = useRef<Place>(null);
  return { place, focusPlace: (): void => place.current?.focus() };
}

/** For a place whose buttons take turns: when the one that has the focus gives way, the first of those that are there takes it. */
export function useFocusStays<Place extends HTMLElement>() {
  const place = useRef<Place>(null);
  const last = useRef<Node | null>(null);
  useEffect(() => {
    const element = place.current!;
    const hear = (event: FocusEvent) => (last.current = event.target as Node);
    element.addEventListener('focusin', hear);
    return () => element.removeEventListener('focusin', hear);
  }, []);
  useLayoutEffect(() => {
    if (!last.current || last.current.isConnected) return;
    last.current = null;
    const isNowhere = document.activeElement?.matches('body, dialog') ?? true; // Else the person has gone on.
    if (isNowhere) place.current?.querySelector<HTMLElement>('button:enabled')?.focus();
  });
  return place;
}
