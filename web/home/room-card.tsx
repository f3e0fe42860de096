import type { ListedRoom } from '../../shared/protocol/room.ts';
import { Avatar, Cover } from '../design/avatar.tsx';
import { Badge } from '../design/badge.tsx';
import { Icon } from '../design/icon.tsx';
import { FansMark } from '../fan-club/fans-mark.tsx';
import { FollowMark } from '../follow/follow-mark.tsx';
import { count, money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { Link } from '../router/router.tsx';
import { useStore } from '../state/store.ts';
import { homeTexts } from './home.messages.ts';

export function RoomCard({ room }: { room: ListedRoom }) {
  const t = useMessages(homeTexts);
  return (
    <li class="room-card">
      <Link to={`/room/${room.roomId}`}>
        <Cover url={room.coverUrl} id={room.roomId} />
        <span class="room-card__top">
          <span class="row">
            {room.state === 'paused' ? <Badge>{t.paused}</Badge> : <Badge tone="live">{t.live}</Badge>}
            <FansMark room={room} />
          </span>
          <span class="room-card__viewers numbers">
            <Icon name="eye" sizePx={14} />
            <span aria-hidden="true">{count(room.viewers)}</span>
            <span class="visually-hidden">{t.viewers(count(room.viewers))}</span>
          </span>
        </span>
        <span class="room-card__foot">
          <strong class="user-text room-card__title">{room.title}</strong>
          <span class="row">
            <Avatar id={room.hostId} name={room.hostName} sizePx={22} />
            <span class="user-text one-line">{room.hostName}</span>
          </span>
          {room.pinned && <Pinned pinned={room.pinned} />}
        </span>
      </Link>
      <span class="room-card__follow">
        <FollowMark hostId={room.hostId} hostName={room.hostName} />
      </span>
    </li>
  );
}

/** What the host shows now. */
function Pinned({ pinned }: { pinned: NonNullable<ListedRoom['pinned']> }) {
  const t = useMessages(homeTexts);
  const { priceMinor: minor, currency } = pinned;
  return (
    <span class="room-card__pinned">
      <span class="room-card__picture">
        <Cover url={pinned.imageUrl} id={pinned.title.en} />
      </span>
      <span class="grow">
        <span class="visually-hidden">{t.showing} </span>
        <span class="user-text one-line">{localized(pinned.title, useStore(language))}</span>
        <strong class="numbers">{money({ minor, currency })}</strong>
      </span>
    </span>
  );
}
