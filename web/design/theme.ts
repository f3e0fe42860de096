import { createKept } from '../state/kept.ts';
import { createStore } from '../state/store.ts';

export type Theme = 'light' | 'dark';

const kept = createKept<Theme>('nm:theme', (raw) => (raw === 'light' || raw === 'dark' ? raw : null));
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** What the person chose, else what the system says. */
export const theme = createStore<Theme>(kept.read() ?? ofSystem());

export function chooseTheme(next: Theme): void {
  kept.write(next);
  theme.set(next);
}

function ofSystem(): Theme {
  return systemIsDark.matches ? 'dark' : 'light';
}

let darkPages = 0;

/**
 * Dark whatever was chosen, with all that lies over the page, until the returned function is called: in a live room the video is
 * the light.
 */
export function keepDark(): () => void {
  darkPages += 1;
  tellDocument();
  return () => {
    darkPages -= 1;
    tellDocument();
  };
}

/** The bar of a phone's browser takes the colour of the page. */
function tellDocument(): void {
  const { documentElement } = document;
  documentElement.dataset['theme'] = darkPages > 0 ? 'dark' : theme.get();
  const ground = getComputedStyle(documentElement).getPropertyValue('--ground');
  document.querySelector('meta[name="theme-color"]')?.setAttribute('content', ground);
}

tellDocument();
theme.subscribe(tellDocument);
systemIsDark.addEventListener('change', () => {
  if (!kept.read()) theme.set(ofSystem());
});
