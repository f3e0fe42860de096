import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

type MainProps = {
  class?: string;
  'aria-busy'?: 'true';
  'aria-label'?: string;
  children?: ComponentChildren;
};

/** Whether the content that had the focus went, and the one that takes its place has not come yet. */
let isFocusLost = false;

/** The content of a page. When it gives way to another, as a page that is loading does, the focus goes over to that one. */
export function Main(props: MainProps) {
  const element = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (isFocusLost) focusMain();
    isFocusLost = false;
    return () => {
      isFocusLost = document.activeElement === element.current;
    };
  }, []);
  return <main ref={element} id="main" tabIndex={-1} {...props} />;
}

/** Reads on from the top of the content, also for those who do not see it. */
export function focusMain(): void {
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}
