import { useEffect } from 'preact/hooks';
import { Icon } from '../design/icon.tsx';
import { toast } from '../design/toast.tsx';
import { useMessages } from '../i18n/messages.ts';
import { complain } from '../session/complain.ts';
import { session } from '../session/session.ts';
import { useSelected, useStore } from '../state/store.ts';
import { useIsLate } from '../state/use-is-late.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { bells, readBells, setBell } from './bells.ts';
import { reminderTexts } from './reminder.messages.ts';
import './reminder.css';

type Props = { room: Pick<Room, 'roomId' | 'hostId' | 'scheduledAtMs'> };

/** Asks to be told of a coming show, and offers the same as a file for one's own calendar. Hosts know of their own shows. */
export function BellButton({ room: { roomId, hostId, scheduledAtMs } }: Props) {
  const t = useMessages(reminderTexts);
  const myId = useSelected(session, (current) => current?.person.personId ?? null);
  const isLate = useIsLate(scheduledAtMs);
  const isOn = useStore(bells)?.has(roomId) ?? false;
  useEffect(() => {
    if (myId) void readBells(myId);
  }, [myId]);
  const press = () => void setBell(roomId, !isOn).then(() => toast(isOn ? t.bellOff : t.bellOn, 'good'), complain);
  return (
    <p class="bell">
      {myId !== hostId && (
        <button
          type="button"
          class={isOn ? 'button button--small button--plain' : 'button button--small button--primary'}
          aria-pressed={isOn}
          onClick={press}
        >
          <Icon name="bell" sizePx={16} filled={isOn} />
          <span class="button__text">{isOn ? t.reminded : t.remind}</span>
        </button>
      )}
      {/* A time that has passed, or none, is nothing for a calendar. */}
      {scheduledAtMs !== null && !isLate && (
        <a class="bell__calendar small" href={`/api/rooms/${roomId}/calendar.ics`}>
          {t.calendar}
        </a>
      )}
    </p>
  );
}
