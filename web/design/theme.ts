import { createKept } from '../state/kept.ts';
import { createStore } from '../state/store.ts';

export type Theme = 'light' | 'dark';

const kept = createKept<Theme>('nm:theme', (raw) => (raw === 'light' || raw === 'dark' ? raw : null));
const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

/** What the person chose, else what the system says. The live room is dark whatever this is: the video is the light. */
export const theme = createStore<Theme>(kept.read() ?? ofSystem());

export function chooseTheme(next: Theme): void {
  kept.write(next);
  theme.set(next);
}

function ofSystem(): Theme {
  return systemIsDark.matches ? 'dark' : 'light';
}

const tellDocument = (): void => void (document.documentElement.dataset['theme'] = theme.get());
tellDocument();
theme.subscribe(tellDocument);
systemIsDark.addEventListener('change', () => {
  if (!kept.read()) theme.set(ofSystem());
});
