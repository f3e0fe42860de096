import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import type { ChatMessage } from '../../shared/protocol/chat.ts';
import { roomTexts } from './room.messages.ts';

/** What everybody should read: the announcement of the room, and the message that was pinned. */
export function PinnedMessage() {
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
      {message && <Pinned message={message} label={t.pinnedMessage} />}
    </>
  );
}

function Pinned({ message, label }: { message: ChatMessage; label: string }) {
  return (
    <p class="pinned-message">
      <Icon name="pin" sizePx={14} />
      <span class="visually-hidden">{label}: </span>
      <span class="user-text">
        <strong>{message.senderName}</strong> {message.text}
      </span>
    </p>
  );
}
