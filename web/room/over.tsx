import { Avatar } from '../design/avatar.tsx';
import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { FollowButton } from '../follow/follow-button.tsx';
import { GiveawayButton } from '../giveaway/giveaway-button.tsx';
import { Link } from '../router/router.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import type { Room } from '../../shared/protocol/room.ts';
import { roomTexts } from './room.messages.ts';
import type { Panels } from './use-panels.ts';

/** The show is over: thanks, and where to go from here. `panels`: the way to what one won, where no other is left. */
export function Over({ room, panels }: { room: Room; panels?: Panels }) {
  const t = useMessages(roomTexts);
  const shell = useMessages(shellTexts);
  const isCancelled = room.state === 'cancelled';
  return (
    <div class="over">
      <Avatar id={room.hostId} name={room.hostName} sizePx={72} />
      <Notice
        icon="live"
        title={isCancelled ? t.cancelledTitle : t.endedTitle}
        text={isCancelled ? t.cancelledText : t.endedText(room.hostName)}
      >
        {panels && <GiveawayButton onOpen={panels.openLuckyBag} onAll={panels.openLuckyBags} />}
        <FollowButton hostId={room.hostId} size="normal" />
        <Link to="/orders" class="button button--plain button--normal">
          {shell.orders}
        </Link>
        <Link to="/" class="button button--plain button--normal">
          {shell.home}
        </Link>
      </Notice>
    </div>
  );
}
