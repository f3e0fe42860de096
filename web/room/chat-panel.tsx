import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { useMessages } from '../i18n/messages.ts';
import { useStore, type Store } from '../state/store.ts';
import type { ChatFeed, ChatLine } from './chat-feed.ts';
import { ChatLineView } from './chat-line.tsx';
import { heldAfter, shownLines } from './held-feed.ts';
import type { Offers } from './offers.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import { Spoken } from './spoken.tsx';
import './chat.css';

/** This close to the end counts as reading the newest, px. */
const slackPx = 40;

/**
 * The chat. Following the newest, it keeps few lines in the document. When the reader scrolls up, or walks the lines with the
 * arrow keys, it stands still, holds what was there, and says how much came since.
 */
export function ChatPanel({ onPick }: { onPick?: (message: ChatMessage) => void }) {
  const t = useMessages(roomTexts);
  const { chat, myId, offers } = useRoom();
  const feed = useStore(chat);
  const known = useStore(offers);
  const list = useRef<HTMLDivElement>(null);
  const { held, focusIn, focusOut, follow, onScroll } = useHeld(chat, list);
  const lines = shownLines(feed, held);
  const newMessages = held ? feed.heard - held.heard : 0;

  const onBlur = (event: FocusEvent) => {
    if (!list.current?.contains(event.relatedTarget as Node | null)) focusOut();
  };
  return (
    <div class="chat">
      <Spoken />
      <div
        class="chat__lines"
        ref={list}
        onScroll={onScroll}
        onKeyDown={walk}
        onFocusIn={(event) => event.target !== event.currentTarget && focusIn()}
        onFocusOut={onBlur}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t.chat}
      >
        <ul>
          {lines.length === 0 && <li class="line line--system">{t.emptyChat}</li>}
          {lines.map((line) => (
            <ChatLineView
              key={line.key}
              line={line}
              texts={t}
              itemNumber={itemNumberIn(line, known)}
              isMine={line.kind === 'message' && line.message.senderId === myId}
              isToMe={line.kind === 'message' && line.message.mentions.includes(myId)}
              onPick={onPick}
            />
          ))}
        </ul>
      </div>
      {newMessages > 0 && (
        <button type="button" class="chat__new" onClick={follow}>
          {t.newMessages(newMessages)} ↓
        </button>
      )}
    </div>
  );
}

/** Looked up when it is shown: whoever comes late hears of purchases before they know the offers. */
function itemNumberIn(line: ChatLine, offers: Offers): number | null {
  if (line.kind !== 'system' || line.event.what !== 'bought') return null;
  const { offerId } = line.event;
  return offers.find((offer) => offer.offerId === offerId)?.itemNumber ?? null;
}

/** What the reader holds on to, null while they follow the newest. Lines that come in above move nothing that is read. */
function useHeld(chat: Store<ChatFeed>, list: { current: HTMLDivElement | null }) {
  const feed = useStore(chat);
  const [held, setHeld] = useState<ChatFeed | null>(null);
  /** Held by the focus alone: it ends with it, wherever the end of the list is by then. */
  const isByFocus = useRef(false);
  const fromTheEndPx = useRef(0);
  const lastTopPx = useRef(0);
  const size = useRef('');
  const latestHeld = useRef(held);
  latestHeld.current = held;

  // With each change, not with each picture of the page: two changes may share one.
  useEffect(() => chat.subscribe(() => setHeld((now) => now && heldAfter(now, chat.get()))), [chat]);
  useLayoutEffect(() => {
    const element = list.current;
    if (element && !held) element.scrollTop = element.scrollHeight;
  }, [feed, held]);
  useLayoutEffect(() => {
    if (held) list.current!.scrollTop = list.current!.scrollHeight - fromTheEndPx.current;
  }, [held]);
  // A phone is turned, something comes above the talk: who followed the newest follows on.
  useLayoutEffect(() => {
    const element = list.current!;
    const watch = new ResizeObserver(() => {
      size.current = sizeOf(element);
      if (!latestHeld.current) element.scrollTop = element.scrollHeight;
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, []);

  const hold = () => {
    if (held) return;
    const element = list.current!;
    fromTheEndPx.current = element.scrollHeight - element.scrollTop;
    setHeld(chat.get());
  };
  const follow = () => setHeld(null);
  const focusIn = () => {
    if (!held) isByFocus.current = true;
    hold();
  };
  const focusOut = () => {
    if (isByFocus.current || isAtTheEnd(list.current)) follow();
    isByFocus.current = false;
  };
  const onScroll = () => {
    const element = list.current!;
    // Only a reader goes up; a list that gets new lines, or another size, does not.
    const isUp = element.scrollTop < lastTopPx.current && size.current === sizeOf(element);
    lastTopPx.current = element.scrollTop;
    if (isAtTheEnd(element)) return isByFocus.current ? undefined : follow();
    if (!isUp) return;
    isByFocus.current = false;
    hold();
  };
  return { held, focusIn, focusOut, follow, onScroll };
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): string => `${clientWidth} ${clientHeight}`;

const isAtTheEnd = (element: HTMLElement | null): boolean =>
  element !== null && element.scrollHeight - element.scrollTop - element.clientHeight < slackPx;

/** One stop for the Tab key; the arrows walk from line to line, from the newest up. */
function walk(event: KeyboardEvent): void {
  const list = event.currentTarget as HTMLElement;
  const lines = [...list.querySelectorAll<HTMLElement>('.line__press:enabled')];
  const at = lines.indexOf(document.activeElement as HTMLElement);
  const to = {
    ArrowUp: at < 0 ? lines.length - 1 : Math.max(0, at - 1),
    ArrowDown: at + 1,
    Home: 0,
    End: lines.length - 1,
  };
  const next = event.key in to ? lines[to[event.key as keyof typeof to]] : undefined;
  if (!next || (at < 0 && event.key !== 'ArrowUp')) return;
  event.preventDefault();
  next.focus();
}
