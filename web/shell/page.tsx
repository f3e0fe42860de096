import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Main } from './main.tsx';
import { OfflineBar } from './offline-bar.tsx';
import { TopBar } from './top-bar.tsx';
import './shell.css';

type PageProps = { title: string; narrow?: boolean; children: ComponentChildren };

/** An ordinary page: the bar on top, the content below it, its name on the tab. */
export function Page({ title, narrow = false, children }: PageProps) {
  useTitle(title);
  return (
    <>
      <TopBar />
      <OfflineBar />
      <Main class={narrow ? 'page page--narrow' : 'page'}>{children}</Main>
    </>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · Nightmarket` : 'Nightmarket';
  }, [title]);
}
