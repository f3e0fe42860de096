import { useEffect, useRef } from 'preact/hooks';
import { createStore, useSelected, useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';
import './toast.css';

type Toast = { id: number; text: string; tone: 'plain' | 'good' | 'bad'; act?: Act };
/** What can be done about it. */
type Act = { label: string; onPress: () => void };

/** More than this at once is noise: the oldest goes. */
const shownMax = 3;
const shownMs = 5_000;
/** What can be pressed stays for longer: somebody may be in the middle of something. */
const shownWithActMs = 60_000;

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

/** Says one sentence about something that just happened, and goes away. What a form could not do is said in the form. */
export function toast(text: string, tone: Toast['tone'] = 'plain', act?: Act): void {
  const id = ++lastId;
  toasts.update((shown) => [...shown, { id, text, tone, ...(act && { act }) }].slice(-shownMax));
  setTimeout(() => drop(id), act ? shownWithActMs : shownMs);
}

const drop = (id: number): void => toasts.update((shown) => shown.filter((one) => one.id !== id));

/** Places where toasts can be said, the page first, then each sheet that lies over it. */
const places = createStore<readonly symbol[]>([]);

/**
 * Where toasts are said. An open sheet makes everything outside of it unreadable, so each sheet has a place of its own, and the
 * topmost one speaks. The place stands before anything is said in it, or screen readers would not hear it.
 */
export function Toasts() {
  const me = useRef(Symbol()).current;
  useEffect(() => {
    places.update((all) => [...all, me]);
    return () => places.update((all) => all.filter((place) => place !== me));
  }, []);
  const isTop = useSelected(places, (all) => all.at(-1) === me);
  const shown = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {isTop &&
        shown.map(({ id, text, tone, act }) => (
          <p key={id} class={`toast toast--${tone}`}>
            {tone !== 'plain' && <Icon name={tone === 'good' ? 'check' : 'close'} sizePx={16} />}
            <span class="user-text">{text}</span>
            {act && <ToastAct act={act} onDone={() => drop(id)} />}
          </p>
        ))}
    </div>
  );
}

const ToastAct = ({ act: { label, onPress }, onDone }: { act: Act; onDone: () => void }) => (
  <button
    type="button"
    class="toast__act"
    onClick={() => {
      onDone();
      onPress();
    }}
  >
    {label}
  </button>
);
