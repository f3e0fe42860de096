import { useMessages } from '../i18n/messages.ts';
import { useSelected } from '../state/store.ts';
import type { ChatFeed, ChatLine } from './chat-feed.ts';
import { saying } from './chat-line.tsx';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

/** What a screen reader says by itself: what is shown, announced, opened or drawn. The talk itself would drown everything. */
export function Spoken() {
  const t = useMessages(roomTexts);
  const line = useSelected(useRoom().chat, lastSpoken);
  return (
    <p class="visually-hidden" role="status">
      {line?.kind === 'system' && saying(line.event, t)}
    </p>
  );
}

const spoken = new Set([
  'pinned',
  'announcement',
  'cleared',
  'lucky-bag',
  'raffle-drop',
  'winners',
  'rejected',
  'muted',
]);

const isSpoken = (line: ChatLine): boolean => line.kind === 'system' && spoken.has(line.event.what);

const lastSpoken = ({ lines }: ChatFeed): ChatLine | undefined => lines.findLast(isSpoken);
