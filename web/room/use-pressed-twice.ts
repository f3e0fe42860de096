import { useEffect, useRef } from 'preact/hooks';

export type Spot = { xPx: number; yPx: number };

/** Two presses this close in time and place belong together. Browsers do not agree on when a finger's are a double click. */
const betweenMsMax = 300;
const apartPxMax = 48;

/** What has a use of its own when it is pressed. */
const taken = 'button, a, input, select, label, textarea, summary, dialog, .pinned';

/**
 * Calls back when the bare page around an element is pressed twice, and again for each press that follows as fast. The page is the
 * `main` that the element is in: where there is none, nothing is listened to.
 */
export function usePressedTwice(element: { current: HTMLElement | null }, onTwice: (spot: Spot) => void): void {
  const latest = useRef(onTwice);
  latest.current = onTwice;
  useEffect(() => {
    const page = element.current?.closest('main');
    let last = { atMs: -Infinity, xPx: 0, yPx: 0 };
    const press = (event: MouseEvent) => {
      if ((event.target as Element).closest(taken)) return;
      const now = { atMs: event.timeStamp, xPx: event.clientX, yPx: event.clientY };
      const apartPx = Math.hypot(now.xPx - last.xPx, now.yPx - last.yPx);
      if (now.atMs - last.atMs <= betweenMsMax && apartPx <= apartPxMax) latest.current(now);
      last = now;
    };
    page?.addEventListener('click', press);
    return () => page?.removeEventListener('click', press);
  }, []);
}
