import { Notice } from '../../design/notice.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { Link } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';
import { ShowSummary } from './show-summary.tsx';

export function NumbersSection({ roomId }: { roomId: string | null }) {
  return roomId ? <ShowSummary key={roomId} roomId={roomId} /> : <PastShows />;
}

function PastShows() {
  const t = useMessages(sectionTexts);
  const studio = useMessages(studioTexts);
  const { loaded, again } = useLoaded(async () => {
    const { rooms } = await ask('room:mine', { rows: 100 });
    return rooms.filter(({ startedAtMs }) => startedAtMs !== null);
  }, []);
  return (
    <section class="stack studio__narrow">
      <h1>{studio.sections.numbers}</h1>
      {loaded.state === 'loading' && <Skeleton height={200} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && loaded.value.length === 0 && (
        <Notice icon="chart" title={t.noPast} text={t.noPastText} />
      )}
      {loaded.state === 'ready' &&
        loaded.value.map(({ roomId, title, startedAtMs }) => (
          <Link key={roomId} to={`/studio/numbers/${roomId}`} class="my-show">
            <span class="grow">
              <strong class="user-text">{title}</strong>
              <span class="quiet small">{startedAtMs !== null && dayAndTime(startedAtMs)}</span>
            </span>
          </Link>
        ))}
    </section>
  );
}
