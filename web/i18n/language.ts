import { createKept } from '../state/kept.ts';
import { createStore } from '../state/store.ts';

export const languages = ['en', 'zh-CN'] as const;
export type Language = (typeof languages)[number];

const kept = createKept('nm:language', (raw) => languages.find((known) => known === raw) ?? null);

/** What the person chose, else what the browser prefers, else English. */
export const language = createStore<Language>(kept.read() ?? preferred(navigator.languages));

export function chooseLanguage(next: Language): void {
  kept.write(next);
  language.set(next);
}

/** Any Chinese is answered with the Chinese there is. */
export function preferred(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    if (wish.toLowerCase().startsWith('zh')) return 'zh-CN';
    if (wish.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

/** Screen readers and the browser's own fonts go by this attribute. */
const tellDocument = (): void => void (document.documentElement.lang = language.get());
tellDocument();
language.subscribe(tellDocument);
