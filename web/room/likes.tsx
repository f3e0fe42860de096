import { useEffect, useRef, useState } from 'preact/hooks';
import { limits } from '../../shared/limits.ts';
import { Icon } from '../design/icon.tsx';
import { newKey } from '../state/new-key.ts';
import { count } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useSelected } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import { usePressedTwice, type Spot } from './use-pressed-twice.ts';
import './likes.css';

/** Taps travel together, so that a hundred fast fingers are a few messages. */
const sendEveryMs = 800;
/** Hearts in the air at once; more would only cost frames. */
const heartsMax = 24;
const heartMs = 1_600;

/** `spot`: where on the screen it begins, for one that was pressed there; the others rise from the button. */
type Heart = { id: number; leftPx: number; hue: number; spot: Spot | null };

/**
 * The heart button, and on a phone the picture pressed twice: every tap floats at once, the server learns the sum. Others' likes float
 * too, thinned.
 */
export function LikeButton() {
  const t = useMessages(roomTexts);
  const { ask, roomId, figures } = useRoom();
  const total = useSelected(figures, ({ likes }) => (typeof likes === 'number' ? likes : 0));
  const { hearts, float } = useHearts();
  const tally = useRef({ name: newKey(), likes: 0, counted: 0 });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const shown = useRef(total);

  useEffect(() => {
    const others = total - shown.current;
    shown.current = total;
    if (others > 0) float(Math.min(3, others));
  }, [total]);

  const flush = () => {
    timer.current = undefined;
    // The sum so far: a call that is lost costs nothing, the next one says it too.
    const { name, likes, counted } = tally.current;
    void ask('room:like', { roomId, tally: name, likes, counted }).then(
      (answer) => (tally.current.counted = Math.max(tally.current.counted, answer.counted)),
      () => undefined,
    );
  };
  const like = (spot: Spot | null) => {
    tally.current.likes = Math.min(tally.current.likes + 1, limits.likesPerTallyMax);
    float(1, spot);
    timer.current ??= setTimeout(flush, sendEveryMs);
  };
  // Whoever leaves has liked all the same: the room, the tab, or the browser, which on a phone may end without another word.
  useEffect(() => {
    const flushNow = () => {
      if (timer.current === undefined) return;
      clearTimeout(timer.current);
      flush();
    };
    addEventListener('pagehide', flushNow);
    document.addEventListener('visibilitychange', flushNow);
    return () => {
      removeEventListener('pagehide', flushNow);
      document.removeEventListener('visibilitychange', flushNow);
      flushNow();
    };
  }, []);

  const element = useRef<HTMLDivElement>(null);
  usePressedTwice(element, like);

  return (
    <div class="like" ref={element}>
      <div class="like__air" aria-hidden="true">
        {hearts.map((heart) => (
          <FlyingHeart key={heart.id} {...heart} />
        ))}
      </div>
      <button type="button" class="like__button" onClick={() => like(null)} title={t.like}>
        <Icon name="heart" sizePx={22} filled />
        <span class="visually-hidden">
          {t.like}, {t.likes(total)}
        </span>
        <span class="like__count numbers" aria-hidden="true">
          {total > 0 ? count(total) : ''}
        </span>
      </button>
    </div>
  );
}

function FlyingHeart({ leftPx, hue, spot }: Heart) {
  const color = `hsl(${hue} 85% 62%)`;
  const place = spot ? { left: `${spot.xPx}px`, top: `${spot.yPx}px` } : { left: `${leftPx}px` };
  return (
    <span class={spot ? 'like__heart like__heart--there' : 'like__heart'} style={{ ...place, color }}>
      <Icon name="heart" sizePx={spot ? 56 : 26} filled />
    </span>
  );
}

function useHearts() {
  const [hearts, setHearts] = useState<readonly Heart[]>([]);
  const lastId = useRef(0);
  const float = (number: number, spot: Spot | null = null) => {
    const born = Array.from({ length: number }, () => ({
      id: ++lastId.current,
      leftPx: Math.random() * 28 - 6,
      hue: 350 + Math.random() * 40,
      spot,
    }));
    setHearts((flying) => [...flying, ...born].slice(-heartsMax));
    const gone = new Set(born.map(({ id }) => id));
    setTimeout(() => setHearts((flying) => flying.filter(({ id }) => !gone.has(id))), heartMs);
  };
  return { hearts, float };
}
