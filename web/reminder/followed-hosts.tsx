import { useState } from 'preact/hooks';
import type { Output } from '../../shared/protocol/index.ts';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { messages, useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { complain } from '../session/complain.ts';
import { ask } from '../session/connection.ts';
import { Failure } from '../shell/failure.tsx';
import { useLoaded } from '../state/use-loaded.ts';

type Followed = Output<'follow:mine'>['hosts'][number];

const rows = 50;

/** Hosts one follows: whether one is told of their shows, and these shows for one's own calendar. */
export function FollowedHosts() {
  const t = useMessages(texts);
  const { loaded, again } = useLoaded(() => ask('follow:mine', { rows }), []);
  if (loaded.state === 'loading') return <Skeleton height={80} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const { hosts } = loaded.value;
  if (hosts.length === 0) return <p class="quiet small">{t.none}</p>;
  return (
    <ul class="followed">
      {hosts.map((host) => (
        <Host key={host.hostId} host={host} />
      ))}
    </ul>
  );
}

function Host({ host: { hostId, name, liveRoomId, reminders } }: { host: Followed }) {
  const t = useMessages(texts);
  const [isOn, setOn] = useState(reminders);
  const state = isOn ? t.told : t.notTold;
  const [isAsking, setAsking] = useState(false);
  const press = async () => {
    setAsking(true);
    await ask('reminder:follow', { hostId, on: !isOn }).then(({ on }) => setOn(on), complain);
    setAsking(false);
  };
  return (
    <li class="followed__host">
      <span class="followed__name">
        <strong class="user-text one-line">{name}</strong>
        {liveRoomId && (
          <Link to={`/room/${liveRoomId}`}>
            <Badge tone="live">{t.live}</Badge>
          </Link>
        )}
      </span>
      <a class="bell__calendar small" href={subscriptionTo(hostId)} aria-label={`${t.calendar}: ${name}`}>
        {t.calendar}
      </a>
      <Button
        size="small"
        kind={isOn ? 'plain' : 'primary'}
        icon="bell"
        aria-pressed={isOn}
        aria-label={`${state}: ${name}`}
        busy={isAsking}
        onClick={() => void press()}
      >
        {state}
      </Button>
    </li>
  );
}

/** For the calendar of the device, which asks again by itself: what is moved or cancelled later moves there too. */
const subscriptionTo = (hostId: string): string => `webcal://${location.host}/api/hosts/${hostId}/calendar.ics`;

const texts = messages(
  {
    none: 'You follow nobody yet.',
    live: 'Live now',
    calendar: 'Subscribe to the calendar',
    told: 'Reminders on',
    notTold: 'Reminders off',
  },
  {
    none: '还没有关注的主播。',
    live: '正在直播',
    calendar: '订阅日历',
    told: '提醒已开',
    notTold: '提醒已关',
  },
);
