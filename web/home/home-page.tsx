import { limits } from '../../shared/limits.ts';
import type { Poster } from '../../shared/protocol/room.ts';
import { Notice } from '../design/notice.tsx';
import { SearchField } from '../design/search-field.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { callHttp } from '../session/http.ts';
import { Failure } from '../shell/failure.tsx';
import { MoreButton } from '../shell/more-button.tsx';
import { NothingFound } from '../shell/nothing-found.tsx';
import { Page } from '../shell/page.tsx';
import { useEvery } from '../state/use-every.ts';
import type { Pages } from '../state/pages.ts';
import { usePages } from '../state/use-pages.ts';
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
  const live = useShows('live', query);
  const coming = useShows('coming', query);
  const again = () => [live, coming].filter(isOnePage).forEach((shows) => shows.again());
  useEvery(lookEveryMs, () => document.visibilityState === 'visible' && again());
  const loaded = bothOf(live.loaded, coming.loaded);

  return (
    <Page title="">
      <div class="home__head">
        <h1>{t.title}</h1>
        <SearchField label={t.search} {...field} />
      </div>
      {loaded.state === 'loading' && <LoadingShows />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={again} />}
      {loaded.state === 'ready' && <Shows live={live} coming={coming} {...loaded.value} query={query} />}
    </Page>
  );
}

type Listing = ReturnType<typeof useShows>;

/** Whoever reads on keeps what they see: the most watched shows change places, and a new first page would not fit to the others. */
const isOnePage = ({ loaded }: Listing): boolean =>
  loaded.state !== 'ready' || loaded.value.rows.length <= limits.pageRowsMax;

type ShowsProps = {
  live: Listing;
  coming: Listing;
  liveNow: readonly Poster[];
  later: readonly Poster[];
  query: string;
};

function Shows({ live, coming, liveNow, later, query }: ShowsProps) {
  const t = useMessages(homeTexts);
  return (
    <>
      {liveNow.length === 0 && <NothingLive query={query} hasComing={later.length > 0} />}
      <ul class="shows">
        {liveNow.map((room) => (
          <RoomCard key={room.roomId} room={room} />
        ))}
      </ul>
      <div class="shows__more">
        <MoreButton of={live} />
      </div>
      {later.length > 0 && (
        <section class="coming">
          <h2>{t.coming}</h2>
          <ul class="coming__list">
            {later.map((room) => (
              <ComingShow key={room.roomId} room={room} />
            ))}
          </ul>
          <div class="shows__more">
            <MoreButton of={coming} />
          </div>
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

type Which = 'live' | 'coming';

const useShows = (which: Which, query: string) =>
  usePages({ read: (after) => readShows(which, query, after), idOf: ({ roomId }: Poster) => roomId }, [which, query]);

async function readShows(which: Which, query: string, after: string | null): Promise<Pages<Poster>> {
  const page = { which, query: query || undefined, rows: limits.pageRowsMax, after: after ?? undefined };
  const { rooms, next } = await callHttp<'room:list'>('GET /api/rooms', { query: page });
  return { rows: rooms, next };
}

type Shown = Listing['loaded'];

/** Both lists are shown at once, so that what is coming does not jump below what is live. */
function bothOf(live: Shown, coming: Shown) {
  if (live.state !== 'ready') return live;
  if (coming.state !== 'ready') return coming;
  return { state: 'ready' as const, value: { liveNow: live.value.rows, later: coming.value.rows } };
}
