import type { ComponentChildren } from 'preact';
import { createStore, useStore } from '../state/store.ts';

type Place = { path: string; query: URLSearchParams };

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

const place = createStore<Place>(here());
addEventListener('popstate', () => place.set(here()));

/** The address the person is at; renders anew when it changes. */
export const usePlace = (): Place => useStore(place);

type Guard = (to: string, go: () => void) => void;
let guard: Guard | null = null;

/**
 * Until it is taken away, `ask` decides whether the page is left for another address: something on it would end. The browser's own
 * Back asks nobody. Returns how to take it away.
 */
export function guardLeaving(ask: Guard): () => void {
  guard = ask;
  return () => {
    if (guard === ask) guard = null;
  };
}

type Way = {
  /** Back leads to the page before this one. */
  replace?: boolean;
  /** What the guard is about has just been ended by the person. */
  unasked?: boolean;
  /** Called when the person goes, which they may be asked about first. */
  onLeft?: () => void;
};

/** Goes to an address of this application, unless a guard keeps the person here. */
export function navigate(to: string, { replace = false, unasked = false, onLeft }: Way = {}): void {
  const go = () => {
    goTo(to, replace);
    onLeft?.();
  };
  if (guard && !unasked) guard(to, go);
  else go();
}

function goTo(to: string, replace: boolean): void {
  if (replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  place.set(here());
  scrollTo(0, 0);
}

type LinkProps = {
  to: string;
  children: ComponentChildren;
  class?: string;
  tabIndex?: number;
  'aria-label'?: string;
  'aria-hidden'?: 'true';
  'aria-current'?: 'page' | undefined;
};

/** A link that stays inside the application, and still opens in a new tab when asked to. */
export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
