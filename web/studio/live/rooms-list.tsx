import { useState } from 'preact/hooks';
import { Cover } from '../../design/avatar.tsx';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { FansMark } from '../../fan-club/fans-mark.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { Link, navigate } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { limits } from '../../../shared/limits.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { isGoingOn } from '../../../shared/room-state.ts';
import { studioTexts } from '../studio.messages.ts';
import { NewShow } from './new-show.tsx';
import { onAirRoom } from './on-air-room.ts';

export function RoomsList() {
  const t = useMessages(studioTexts);
  const [isNew, setNew] = useState(false);
  const { loaded, again } = useLoaded(readShows, []);
  const made = ({ roomId }: Room) => {
    if (onAirRoom.get() === null) return navigate(`/studio/live/${roomId}`);
    // Its console would take the place of the one that sends.
    setNew(false);
    void again();
  };
  return (
    <section class="stack">
      <header class="row row--apart">
        <h1>{t.yourShows}</h1>
        <Button kind="primary" icon="plus" onClick={() => setNew(true)}>
          {t.newShow}
        </Button>
      </header>
      {loaded.state === 'loading' && <Skeleton height={200} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && loaded.value.length === 0 && (
        <Notice icon="live" title={t.noShows} text={t.noShowsText}>
          <Button kind="primary" onClick={() => setNew(true)}>
            {t.newShow}
          </Button>
        </Notice>
      )}
      {loaded.state === 'ready' && (
        <ul class="my-shows">
          {loaded.value.map((room) => (
            <MyShow key={room.roomId} room={room} />
          ))}
        </ul>
      )}
      {isNew && <NewShow onClose={() => setNew(false)} onMade={made} />}
    </section>
  );
}

/** What is on now comes first, then what is coming, the soonest first; the others as they are told, by the day they were made. */
async function readShows(): Promise<Room[]> {
  const { rooms } = await ask('room:mine', { rows: limits.pageRowsMax });
  return rooms.toSorted((one, other) => rankOf(one) - rankOf(other) || untilMs(one) - untilMs(other));
}

const rankOf = (room: Room): number => (isGoingOn(room) ? 0 : room.state === 'scheduled' ? 1 : 2);

/** Without a day of their own they come behind those that have one. */
const untilMs = ({ state, scheduledAtMs }: Room): number =>
  state === 'scheduled' ? (scheduledAtMs ?? Number.MAX_SAFE_INTEGER) : 0;

function MyShow({ room }: { room: Room }) {
  const whenMs = room.startedAtMs ?? room.scheduledAtMs;
  const isOver = room.state === 'ended';
  return (
    <li>
      <Link to={isOver ? `/studio/numbers/${room.roomId}` : `/studio/live/${room.roomId}`} class="my-show">
        <span class="my-show__cover">
          <Cover url={room.coverUrl} id={room.roomId} />
        </span>
        <span class="grow">
          <strong class="user-text">{room.title}</strong>
          <span class="quiet small">{whenMs === null ? '' : dayAndTime(whenMs)}</span>
        </span>
        <StateBadge room={room} />
      </Link>
    </li>
  );
}

/** How far a show has come, and whether it is only a rehearsal. */
export function StateBadge({ room }: { room: Room }) {
  const { state, rehearsal } = room;
  const t = useMessages(studioTexts);
  const tone = state === 'live' ? 'live' : state === 'paused' ? 'accent' : 'quiet';
  return (
    <span class="row">
      {rehearsal ? <Badge tone="gold">{t.rehearsalMark}</Badge> : <FansMark room={room} />}
      <Badge tone={tone}>{t.states[state]}</Badge>
    </span>
  );
}
