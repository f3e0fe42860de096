import { IconButton } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { roomTexts } from './room.messages.ts';
import './pinned-message.css';

/** What everybody should read: the announcement of the room, and the message that was pinned. `onUnpin`: for who may. */
export function PinnedMessage({ onUnpin }: { onUnpin?: () => void }) {
  const t = useMessages(roomTexts);
  const talk = useStore(useRoom().talk);
  const message = talk?.pinned ?? null;
  return (
    <>
      {talk?.announcement && (
        <p class="pinned-message pinned-message--announcement">
          <Icon name="bell" sizePx={14} />
          <span class="user-text">{talk.announcement}</span>
        </p>
      )}
      {message && <Pinned message={message} label={t.pinnedMessage} onUnpin={onUnpin} />}
    </>
  );
}

type PinnedProps = { message: ChatMessage; label: string; onUnpin: (() => void) | undefined };

function Pinned({ message, label, onUnpin }: PinnedProps) {
  const t = useMessages(roomTexts);
  return (
    <p class="pinned-message">
      <Icon name="pin" sizePx={14} />
      <span class="visually-hidden">{label}: </span>
      <span class="user-text grow">
        <strong>{message.senderName}</strong> {message.text}
      </span>
      {onUnpin && <IconButton icon="close" label={t.unpinMessage} sizePx={14} onClick={onUnpin} />}
    </p>
  );
}
