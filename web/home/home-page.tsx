import { limits } from '../../shared/limits.ts';
import { Notice } from '../design/notice.tsx';
import { SearchField } from '../design/search-field.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { callHttp } from '../session/http.ts';
import { Failure } from '../shell/failure.tsx';
import { NothingFound } from '../shell/nothing-found.tsx';
import { Page } from '../shell/page.tsx';
import { useEvery } from '../state/use-every.ts';
import { useLoaded } from '../state/use-loaded.ts';
import { useSearch } from '../state/use-search.ts';
import { homeTexts } from './home.messages.ts';
import { RoomCard } from './room-card.tsx';
import { ComingShow } from './coming-show.tsx';
import './home.css';

/** How often an open home page looks for new shows. */
const lookEveryMs = 15_000;

export function HomePage() {
  const t = useMessages(homeTexts);
  const { query, field } = useSearch();
  const { loaded, again } = useLoaded(() => loadShows(query), [query]);
  useEvery(lookEveryMs, () => document.visibilityState === 'visible' && void again());

  return (
    <Page title="">
      <div class="home__head">
        <h1>{t.title}</h1>
        <SearchField label={t.search} {...field} />
      </div>
      {loaded.state === 'loading' && <LoadingShows />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <Shows {...loaded.value} query={query} />}
    </Page>
  );
}

type ShowsProps = Awaited<ReturnType<typeof loadShows>> & { query: string };

function Shows({ live, coming, query }: ShowsProps) {
  const t = useMessages(homeTexts);
  return (
    <>
      {live.length === 0 && <NothingLive query={query} hasComing={coming.length > 0} />}
      <ul class="shows">
        {live.map((room) => (
          <RoomCard key={room.roomId} room={room} />
        ))}
      </ul>
      {coming.length > 0 && (
        <section class="coming">
          <h2>{t.coming}</h2>
          <ul class="coming__list">
            {coming.map((room) => (
              <ComingShow key={room.roomId} room={room} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** A search that finds coming shows has found something. */
function NothingLive({ query, hasComing }: { query: string; hasComing: boolean }) {
  const t = useMessages(homeTexts);
  if (query && hasComing) return <p class="quiet">{t.onlyComing(query)}</p>;
  if (query) return <NothingFound query={query} text={t.noneFoundText} />;
  return (
    <Notice icon="live" title={t.noneLive} text={hasComing ? t.noneLiveText : t.noneAtAllText}>
      <Link to="/studio" class="button button--primary button--normal">
        {t.goLive}
      </Link>
    </Notice>
  );
}

const LoadingShows = () => (
  <div class="shows" aria-busy="true">
    {Array.from({ length: 4 }, (_, index) => (
      <Skeleton key={index} height="auto" />
    ))}
  </div>
);

async function loadShows(query: string) {
  const [live, coming] = await Promise.all([listOf('live', query), listOf('coming', query)]);
  return { live, coming };
}

const listOf = async (which: 'live' | 'coming', query: string) =>
  (
    await callHttp<'room:list'>('GET /api/rooms', {
      query: { which, query: query || undefined, rows: limits.pageRowsMax },
    })
  ).rooms;
