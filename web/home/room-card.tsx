import type { Output } from '../../shared/protocol/index.ts';
import { Avatar, Cover } from '../design/avatar.tsx';
import { Badge } from '../design/badge.tsx';
import { Icon } from '../design/icon.tsx';
import { count } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { homeTexts } from './home.messages.ts';

export type ListedRoom = Output<'room:list'>['rooms'][number];

export function RoomCard({ room }: { room: ListedRoom }) {
  const t = useMessages(homeTexts);
  return (
    <li class="room-card">
      <Link to={`/room/${room.roomId}`}>
        <Cover url={room.coverUrl} id={room.roomId} />
        <span class="room-card__top">
          {room.state === 'paused' ? <Badge>{t.paused}</Badge> : <Badge tone="live">{t.live}</Badge>}
          <span class="room-card__viewers numbers">
            <Icon name="eye" sizePx={14} />
            {count(room.viewers)}
          </span>
        </span>
        <span class="room-card__foot">
          <strong class="user-text room-card__title">{room.title}</strong>
          <span class="row">
            <Avatar id={room.hostId} name={room.hostName} sizePx={22} />
            <span class="user-text one-line">{room.hostName}</span>
          </span>
        </span>
      </Link>
    </li>
  );
}
