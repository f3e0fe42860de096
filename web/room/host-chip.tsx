import { Avatar } from '../design/avatar.tsx';
import { useMessages } from '../i18n/messages.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { FollowButton } from '../follow/follow-button.tsx';
import { ViewerCount } from './viewer-count.tsx';
import { roomTexts } from './room.messages.ts';

export function HostChip({ room, onFanClub }: { room: Room; onFanClub: () => void }) {
  const t = useMessages(roomTexts);
  return (
    <div class="host-chip">
      <button type="button" class="host-chip__who" onClick={onFanClub} title={room.hostName}>
        <Avatar id={room.hostId} name={room.hostName} sizePx={36} />
        <span class="host-chip__names">
          <strong class="user-text one-line">{room.hostName}</strong>
          <ViewerCount />
        </span>
        <span class="visually-hidden">{t.more}</span>
      </button>
      <FollowButton hostId={room.hostId} />
    </div>
  );
}
