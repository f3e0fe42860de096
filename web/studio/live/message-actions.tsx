import { useEffect, useState } from 'preact/hooks';
import { Button, IconButton } from '../../design/button.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { roomTexts } from '../../room/room.messages.ts';
import { complain } from '../../session/complain.ts';
import type { ChatMessage } from '../../../shared/protocol/chat.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { isOver } from '../../../shared/room-state.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { studioTexts } from '../studio.messages.ts';
import { InviteButton } from './invite-button.tsx';
import { sanctionTexts } from './sanction.messages.ts';
import { SanctionSheet } from './sanction-sheet.tsx';
import { mayRun, type Role } from './use-role.ts';

const muteSeconds = 600;

type Props = { message: ChatMessage; room: Room; role: Role | null; onReply: () => void; onDone: () => void };

/** What a moderator does with one message and its sender. */
export function MessageActions({ message, room, role, onReply, onDone }: Props) {
  const t = useMessages(studioTexts);
  const roomText = useMessages(roomTexts);
  const { ask, roomId, myId } = useRoom();
  const sanctionText = useMessages(sanctionTexts);
  const [isRestricting, setRestricting] = useState(false);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  useEffect(focusPlace, [message.messageId]);
  const { messageId, senderId, senderName } = message;
  const isHost = role === 'host';
  const isMine = senderId === myId;
  const run = (work: Promise<unknown>) =>
    void work.then(onDone, (error: unknown) => {
      complain(error);
      onDone();
    });
  const staff = (role: 'moderator' | 'assistant' | null) =>
    run(ask('room:set-staff', { roomId, personId: senderId, role }));
  const isStaff = message.badge === 'moderator' || message.badge === 'assistant';
  return (
    <div class="message-actions" ref={place} tabIndex={-1}>
      <p class="row">
        <span class="grow user-text one-line">
          <strong>{senderName}</strong> {message.text}
        </span>
        <IconButton icon="close" label={t.close} sizePx={16} onClick={onDone} />
      </p>
      <div class="row row--wrap">
        <Button size="small" icon="reply" onClick={onReply}>
          {roomText.reply}
        </Button>
        <Button size="small" icon="pin" onClick={() => run(ask('chat:pin', { roomId, messageId }))}>
          {t.pinMessage}
        </Button>
        <Button size="small" icon="trash" onClick={() => run(ask('chat:delete', { roomId, messageId }))}>
          {t.delete}
        </Button>
        {!isMine && (
          <>
            {mayRun(role) && !isOver(room) && <InviteButton personId={senderId} name={senderName} run={run} />}
            <Button
              size="small"
              onClick={() =>
                run(ask('moderation:sanction', { roomId, personId: senderId, kind: 'timeout', seconds: muteSeconds }))
              }
            >
              {t.mute}
            </Button>
            <Button size="small" kind="danger" onClick={() => setRestricting(true)}>
              {sanctionText.restrict}
            </Button>
            {isHost && isStaff && (
              <Button size="small" kind="quiet" onClick={() => staff(null)}>
                {t.removeStaff}
              </Button>
            )}
            {isHost && !isStaff && (
              <>
                <Button size="small" kind="quiet" onClick={() => staff('moderator')}>
                  {t.makeModerator}
                </Button>
                <Button size="small" kind="quiet" onClick={() => staff('assistant')}>
                  {t.makeAssistant}
                </Button>
              </>
            )}
          </>
        )}
      </div>
      {isRestricting && (
        <SanctionSheet
          personId={senderId}
          name={senderName}
          isHost={isHost}
          onDone={onDone}
          onClose={() => setRestricting(false)}
        />
      )}
    </div>
  );
}
