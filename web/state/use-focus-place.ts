import { useRef } from 'preact/hooks';

/**
 * Where the focus goes when the button that had it is gone: without one, whoever uses a keyboard begins at the top of the page.
 * The place must be able to take it (`tabIndex={-1}`).
 */
export function useFocusPlace<Place extends HTMLElement>() {
  const place = useRef<Place>(null);
  return { place, focusPlace: (): void => place.current?.focus() };
}
