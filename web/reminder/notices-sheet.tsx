import { useEffect } from 'preact/hooks';
import type { Notification } from '../../shared/protocol/reminder.ts';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Details } from '../design/details.tsx';
import { Notice } from '../design/notice.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { complain } from '../session/complain.ts';
import { session } from '../session/session.ts';
import { useSelected, useStore } from '../state/store.ts';
import { FollowedHosts } from './followed-hosts.tsx';
import { inbox, markRead, readOlder } from './inbox.ts';
import { reminderTexts } from './reminder.messages.ts';
import './reminder.css';

/** What one was told, newest first. Opening it is reading it. */
export function NoticesSheet({ onClose }: { onClose: () => void }) {
  const t = useMessages(reminderTexts);
  const known = useStore(inbox);
  const canFollow = useSelected(session, (now) => now?.person.kind === 'account');
  const rows = known?.pages.rows ?? [];
  const newestMs = rows[0]?.atMs;
  useEffect(() => void markRead().catch(complain), [newestMs]);
  return (
    <Sheet title={t.notices} onClose={onClose}>
      {!known && <Skeleton height={120} />}
      {known && rows.length === 0 && <Notice icon="bell" title={t.none} text={t.noneText} />}
      <ul class="stack">
        {rows.map((notification) => (
          <Told key={notification.notificationId} notification={notification} />
        ))}
      </ul>
      {known?.pages.next && <Button onClick={() => void readOlder().catch(complain)}>{t.more}</Button>}
      {canFollow && (
        <div class="notices__hosts">
          <Details summary={t.followed}>{() => <FollowedHosts />}</Details>
        </div>
      )}
    </Sheet>
  );
}

function Told({ notification }: { notification: Notification }) {
  const t = useMessages(reminderTexts);
  const { kind, roomId, title, hostName, scheduledAtMs, readAtMs } = notification;
  const saysWhen = (kind === 'show-soon' || kind === 'show-moved') && scheduledAtMs !== null;
  return (
    <li>
      <Link to={`/room/${roomId}`} class="told">
        <span class="row">
          <Badge tone={kind === 'show-live' ? 'live' : kind === 'show-cancelled' ? 'bad' : 'quiet'}>
            {t.kinds[kind]}
          </Badge>
          {readAtMs === null && <Badge tone="accent">{t.unread}</Badge>}
        </span>
        <strong class="user-text">{title}</strong>
        <span class="quiet small user-text">{t.by(hostName, saysWhen ? dayAndTime(scheduledAtMs) : '')}</span>
      </Link>
    </li>
  );
}
