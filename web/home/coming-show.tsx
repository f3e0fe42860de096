import { Avatar, Cover } from '../design/avatar.tsx';
import { FansMark } from '../fan-club/fans-mark.tsx';
import { dayAndTime, timeOfDay } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { BellButton } from '../reminder/bell-button.tsx';
import { Link } from '../router/router.tsx';
import { useIsLate } from '../state/use-is-late.ts';
import { homeTexts } from './home.messages.ts';
import type { ListedRoom } from '../../shared/protocol/room.ts';

export function ComingShow({ room }: { room: ListedRoom }) {
  return (
    <li class="coming-show">
      <Link to={`/room/${room.roomId}`} class="coming-show__cover" tabIndex={-1} aria-hidden="true">
        <Cover url={room.coverUrl} id={room.roomId} />
      </Link>
      <div class="grow">
        <Link to={`/room/${room.roomId}`} class="coming-show__title">
          <strong class="user-text">{room.title}</strong>
        </Link>
        <FansMark room={room} />
        <When atMs={room.scheduledAtMs} />
        <p class="row quiet small">
          <Avatar id={room.hostId} name={room.hostName} sizePx={20} />
          <span class="user-text one-line">{room.hostName}</span>
        </p>
        <BellButton room={room} />
      </div>
    </li>
  );
}

function When({ atMs }: { atMs: number | null }) {
  const t = useMessages(homeTexts);
  const isLate = useIsLate(atMs);
  // The list has nobody who is more than an hour late: the day would say nothing, and take a second line.
  const when = atMs === null ? t.noTime : isLate ? t.late(timeOfDay(atMs)) : t.startsAt(dayAndTime(atMs));
  return <p class="quiet small">{when}</p>;
}
