import { Skeleton } from '../../design/skeleton.tsx';
import { clockOf, count, dayAndTime, money, percent, whole } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { Link } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { serverNowMs } from '../../state/server-clock.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { useStore } from '../../state/store.ts';
import type { Offer } from '../../../shared/protocol/offer.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { StateBadge } from '../live/rooms-list.tsx';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';
import { Figures } from './figures.tsx';
import { ShowCurves } from './show-curves.tsx';
import { useShowNumbers, type ShowNumbers } from './use-show-numbers.ts';

/** What a show brought. Money and units come from the orders themselves, people from the room's exact counts. */
export function ShowSummary({ roomId }: { roomId: string }) {
  const { loaded, again } = useLoaded(async () => {
    const [room, audience, { offers }] = await Promise.all([
      ask('room:get', { roomId }),
      ask('room:audience', { roomId }),
      ask('offer:list', { roomId }),
    ]);
    return { room, audience, offers };
  }, [roomId]);
  const isOn = loaded.state === 'ready' && loaded.value.room.endedAtMs === null;
  const { numbers, again: readNumbers } = useShowNumbers(roomId, isOn);
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  if (numbers.state === 'failed') return <Failure error={numbers.error} onAgain={readNumbers} />;
  if (loaded.state === 'loading' || numbers.state === 'loading') return <Skeleton height={320} />;
  return <Summary {...loaded.value} numbers={numbers.value} />;
}

type Props = {
  room: Room;
  audience: { visitors: number; likes: number };
  offers: readonly Offer[];
  numbers: ShowNumbers;
};

function Summary({ room, audience, offers, numbers }: Props) {
  const t = useMessages(studioTexts);
  const { totals, points, marks, products } = numbers;
  const lengthMs = room.startedAtMs === null ? 0 : (room.endedAtMs ?? serverNowMs()) - room.startedAtMs;
  const itemNumberOf = (offerId: string) => offers.find((offer) => offer.offerId === offerId)?.itemNumber ?? null;
  return (
    <section class="stack">
      <header class="show-head">
        <Link to="/studio/numbers" class="back-link" aria-label={t.sections.numbers}>
          ←
        </Link>
        <h1 class="user-text">{room.title}</h1>
        <StateBadge room={room} />
        <span class="quiet small">{room.startedAtMs !== null && dayAndTime(room.startedAtMs)}</span>
      </header>
      <div class="panel">
        <Figures
          totals={totals}
          clicks={products.reduce((sum, { looks }) => sum + looks, 0)}
          visitors={audience.visitors}
          likes={audience.likes}
          length={clockOf(lengthMs)}
          peak={points.reduce((most, { viewers }) => Math.max(most, viewers), 0)}
        />
      </div>
      <div class="panel">
        <h2>{t.curve}</h2>
        <ShowCurves numbers={numbers} marks={marks} itemNumberOf={itemNumberOf} isOver={room.endedAtMs !== null} />
      </div>
      <ByProduct numbers={numbers} offers={offers} />
    </section>
  );
}

/** One row an offer: looked at, ordered, sold. */
function ByProduct({ numbers: { products, totals }, offers }: Pick<Props, 'numbers' | 'offers'>) {
  const t = useMessages(studioTexts);
  const section = useMessages(sectionTexts);
  const lang = useStore(language);
  const rows = products.flatMap((row) => {
    const offer = offers.find(({ offerId }) => offerId === row.offerId);
    return offer && (row.looks > 0 || row.orders > 0) ? [{ ...row, offer }] : [];
  });
  if (rows.length === 0) return null;
  return (
    <div class="panel table-scroll">
      <h2>{t.productRows}</h2>
      <table class="table">
        <thead>
          <tr>
            <th>{section.product}</th>
            <th class="number">{t.clicks}</th>
            <th class="number">{t.orders}</th>
            <th class="number">{t.clickRate}</th>
            <th class="number">{t.soldUnits}</th>
            <th class="number">{t.net}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ offer, looks, orders, soldUnits, netMinor }) => (
            <tr key={offer.offerId}>
              <td class="user-text table__name">
                {offer.itemNumber}. {localized(offer.title, lang)}
                {offer.optionValues.length > 0 && <span class="quiet"> {offer.optionValues.join(' · ')}</span>}
              </td>
              <td class="number">{count(looks)}</td>
              <td class="number">{whole(orders)}</td>
              <td class="number">{looks > 0 ? percent(Math.min(1, orders / looks)) : '–'}</td>
              <td class="number">{whole(soldUnits)}</td>
              <td class="number">{totals.currency ? money({ minor: netMinor, currency: totals.currency }) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
