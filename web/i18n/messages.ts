import { language, type Language } from './language.ts';
import { useStore } from '../state/store.ts';

type Text = string | ((...args: never[]) => string) | Readonly<Record<string, string>>;
type Catalog = Readonly<Record<string, Text>>;

/** The same names with the same arguments as `C`, in another language. */
type Translated<C extends Catalog> = {
  readonly [K in keyof C]: C[K] extends (...args: infer A) => string
    ? (...args: A) => string
    : C[K] extends string
      ? string
      : { readonly [Word in keyof C[K]]: string };
};

export type Messages<C extends Catalog> = { readonly [L in Language]: Translated<C> };

/** The texts of one part of the pages, side by side: what one language has, the other must have too. */
export const messages = <const C extends Catalog>(en: C, zhCn: Translated<C>): Messages<C> => ({
  en: en as unknown as Translated<C>,
  'zh-CN': zhCn,
});

/** The texts in the language of the moment; renders anew when the person switches. */
export function useMessages<C extends Catalog>(catalog: Messages<C>): Translated<C> {
  return catalog[useStore(language)];
}
