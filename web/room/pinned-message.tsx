import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

export function PinnedMessage() {
  const t = useMessages(roomTexts);
  const message = useStore(useRoom().pinnedMessage);
  if (!message) return null;
  return (
    <p class="pinned-message">
      <Icon name="pin" sizePx={14} />
      <span class="visually-hidden">{t.pinnedMessage}: </span>
      <span class="user-text">
        <strong>{message.senderName}</strong> {message.text}
      </span>
    </p>
  );
}
