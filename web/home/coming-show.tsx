import { Avatar, Cover } from '../design/avatar.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { BellButton } from '../reminder/bell-button.tsx';
import { Link } from '../router/router.tsx';
import { homeTexts } from './home.messages.ts';
import type { ListedRoom } from '../../shared/protocol/room.ts';

export function ComingShow({ room }: { room: ListedRoom }) {
  const t = useMessages(homeTexts);
  return (
    <li class="coming-show">
      <Link to={`/room/${room.roomId}`} class="coming-show__cover" tabIndex={-1} aria-hidden="true">
        <Cover url={room.coverUrl} id={room.roomId} />
      </Link>
      <div class="grow">
        <Link to={`/room/${room.roomId}`} class="coming-show__title">
          <strong class="user-text">{room.title}</strong>
        </Link>
        <p class="quiet small">{room.scheduledAtMs === null ? t.noTime : t.startsAt(dayAndTime(room.scheduledAtMs))}</p>
        <p class="row quiet small">
          <Avatar id={room.hostId} name={room.hostName} sizePx={20} />
          <span class="user-text one-line">{room.hostName}</span>
        </p>
        <BellButton roomId={room.roomId} hostId={room.hostId} />
      </div>
    </li>
  );
}
