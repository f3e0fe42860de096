import { createStore, useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';
import './toast.css';

type Toast = { id: number; text: string; tone: 'plain' | 'good' | 'bad' };

/** More than this at once is noise: the oldest goes. */
const shownMax = 3;
const shownMs = 5_000;

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

/** Says one sentence about something that just happened, and goes away. Never the only place where it can be read. */
export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  const id = ++lastId;
  toasts.update((shown) => [...shown, { id, text, tone }].slice(-shownMax));
  setTimeout(() => toasts.update((shown) => shown.filter((one) => one.id !== id)), shownMs);
}

export function Toasts() {
  const shown = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <p key={id} class={`toast toast--${tone}`}>
          {tone !== 'plain' && <Icon name={tone === 'good' ? 'check' : 'close'} sizePx={16} />}
          <span class="user-text">{text}</span>
        </p>
      ))}
    </div>
  );
}
