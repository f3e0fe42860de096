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
 * Until it is taken away, `ask` decides whether a link is followed: something on this page would end with it. The browser's own Back
 * asks nobody. Returns how to take it away.
 */
export function guardLeaving(ask: Guard): () => void {
  guard = ask;
  return () => {
    if (guard === ask) guard = null;
  };
}

export function navigate(to: string, { replace = false } = {}): void {
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
    const go = () => navigate(to);
    if (guard) guard(to, go);
    else go();
  };
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
