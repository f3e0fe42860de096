import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { count } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import type { ChatFeed } from './chat-feed.ts';
import { ChatLineView } from './chat-line.tsx';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';
import './chat.css';

/** Lines in the document while the reader follows the newest: what a screen shows, and a little more. */
const followedLines = 60;
/** This close to the end counts as reading the newest, px. */
const slackPx = 40;

/**
 * The chat. Following the newest, it keeps few lines in the document; when the reader scrolls up it stands still, holds what
 * was there, and says how much came since.
 */
export function ChatPanel({ onPick }: { onPick?: (message: ChatMessage) => void }) {
  const t = useMessages(roomTexts);
  const { chat, myId } = useRoom();
  const feed = useStore(chat);
  const [held, setHeld] = useState<ChatFeed | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const lines = held ? held.lines : feed.lines.slice(-followedLines);
  const newLines = held ? feed.total - held.total : 0;

  useLayoutEffect(() => {
    const element = list.current;
    if (element && !held) element.scrollTop = element.scrollHeight;
  }, [feed, held]);

  const onScroll = () => {
    const element = list.current;
    if (!element) return;
    const atTheEnd = element.scrollHeight - element.scrollTop - element.clientHeight < slackPx;
    if (atTheEnd && held) setHeld(null);
    else if (!atTheEnd && !held) setHeld(feed);
  };

  return (
    <div class="chat">
      <div
        class="chat__lines"
        ref={list}
        onScroll={onScroll}
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
              isMine={line.kind === 'message' && line.message.senderId === myId}
              onPick={onPick}
            />
          ))}
        </ul>
      </div>
      {newLines > 0 && (
        <button type="button" class="chat__new" onClick={() => setHeld(null)}>
          {t.newMessages(count(newLines))} ↓
        </button>
      )}
    </div>
  );
}
