import { useEffect, useState } from 'preact/hooks';
import { IconButton } from '../../design/button.tsx';
import { MarkedCount } from '../../design/marked-count.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ChatPanel } from '../../room/chat-panel.tsx';
import { Composer } from '../../room/composer.tsx';
import { useRoom } from '../../room/room-context.ts';
import { PinnedMessage } from '../../room/pinned-message.tsx';
import { useDraft } from '../../room/use-draft.ts';
import { complain } from '../../session/complain.ts';
import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { studioTexts } from '../studio.messages.ts';
import { MessageActions } from './message-actions.tsx';
import { ModerationSheet } from './moderation-sheet.tsx';
import { useReports } from './use-reports.ts';
import { useReview } from './use-review.ts';
import type { Role } from './use-role.ts';

/** The chat with a moderator's hands: press a message to act on it or on who wrote it. */
export function ModeratedChat({ room, role }: { room: Room; role: Role | null }) {
  const t = useMessages(studioTexts);
  const [picked, setPicked] = useState<ChatMessage | null>(null);
  const draft = useDraft();
  const [isOpen, setOpen] = useState(false);
  const { ask } = useRoom();
  const review = useReview(room.roomId);
  const reports = useReports(room.roomId);
  const waiting = (review.loaded.state === 'ready' ? review.loaded.value.length : 0) + reports.waiting;
  const unpin = () => void ask('chat:pin', { roomId: room.roomId, messageId: null }).catch(complain);
  const { place, focusPlace } = useFocusPlace<HTMLHeadingElement>();
  const [timesDone, setTimesDone] = useState(0);
  useEffect(() => {
    if (timesDone > 0) focusPlace(); // Once what it was done with is gone: an open sheet lets nothing behind it have the focus.
  }, [timesDone]);
  const done = () => {
    setPicked(null);
    setTimesDone((times) => times + 1);
  };
  const reply = (message: ChatMessage) => {
    draft.reply(message);
    setPicked(null);
  };
  return (
    <section class="panel talk" aria-label={t.chat}>
      <header class="panel__head">
        <h2 ref={place} tabIndex={-1}>
          {t.chat}
        </h2>
        <span class="marked">
          <IconButton
            icon="shield"
            label={waiting > 0 ? t.moderationWith(waiting) : t.moderation}
            onClick={() => setOpen(true)}
          />
          <MarkedCount count={waiting} />
        </span>
      </header>
      <PinnedMessage onUnpin={unpin} />
      <ChatPanel onPick={setPicked} />
      {picked && (
        <MessageActions message={picked} room={room} role={role} onReply={() => reply(picked)} onDone={done} />
      )}
      <Composer draft={draft} />
      {isOpen && (
        <ModerationSheet room={room} role={role} review={review} reports={reports} onClose={() => setOpen(false)} />
      )}
    </section>
  );
}
