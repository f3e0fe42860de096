import type { ComponentChildren, TargetedKeyboardEvent } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import './tabs.css';

type Tab<Key extends string> = { key: Key; label: string };

type TabsProps<Key extends string> = {
  label: string;
  tabs: readonly Tab<Key>[];
  chosen: Key;
  onChoose: (key: Key) => void;
  /** What the chosen tab shows. */
  children: ComponentChildren;
};

/** A row that ends within these is at its end: browsers round. px */
const slackPx = 4;

/**
 * A row of tabs, and below it what the chosen one shows. One stop for the Tab key, arrows move between them, Enter chooses: on the way to the one that is meant, none of the
 * others loads its list, or asks to share a screen.
 */
export function Tabs<Key extends string>({ label, tabs, chosen, onChoose, children }: TabsProps<Key>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [hasMore, setMore] = useState(false);
  const look = () => {
    const { scrollLeft, clientWidth, scrollWidth } = list.current!;
    setMore(scrollLeft + clientWidth < scrollWidth - slackPx);
  };
  useLayoutEffect(look);
  useEffect(() => {
    const tab = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    // Moves the row alone; scrollIntoView would move the page, too.
    if (tab) list.current!.scrollLeft = tab.offsetLeft - (list.current!.clientWidth - tab.offsetWidth) / 2;
  }, [chosen]);
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <>
      <div
        class={hasMore ? 'tabs tabs--more' : 'tabs'}
        role="tablist"
        aria-label={label}
        ref={list}
        onKeyDown={move}
        onScroll={look}
      >
        {tabs.map(({ key, label: text }) => (
          <button
            key={key}
            id={`${id}-${key}`}
            type="button"
            role="tab"
            class="tab"
            aria-selected={key === chosen}
            aria-controls={id}
            tabIndex={key === chosen ? 0 : -1}
            onClick={() => onChoose(key)}
          >
            {text}
          </button>
        ))}
      </div>
      <div id={id} class="stack" role="tabpanel" aria-labelledby={`${id}-${chosen}`}>
        {children}
      </div>
    </>
  );
}
