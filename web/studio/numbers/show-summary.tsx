import { Skeleton } from '../../design/skeleton.tsx';
import { clockOf, count, dayAndTime, money, percent } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { Link } from '../../router/router.tsx';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import { serverNowMs } from '../../state/server-clock.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import { useStore } from '../../state/store.ts';
import type { OrderSummary } from '../../../shared/protocol/order.ts';
import { sumsOf } from '../live/order-sums.ts';
import { StateBadge } from '../live/rooms-list.tsx';
import { ordersOfShow } from '../orders-of-show.ts';
import { sectionTexts } from '../section.messages.ts';
import { studioTexts } from '../studio.messages.ts';

/** What a show brought. Money and units come from the orders themselves, people from the room's exact counts. */
export function ShowSummary({ roomId }: { roomId: string }) {
  const t = useMessages(studioTexts);
  const { loaded, again } = useLoaded(async () => {
    const [room, audience, orders] = await Promise.all([
      ask('room:get', { roomId }),
      ask('room:audience', { roomId }),
      ordersOfShow(roomId),
    ]);
    return { room, audience, orders };
  }, [roomId]);
  if (loaded.state === 'loading') return <Skeleton height={320} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const { room, audience, orders } = loaded.value;
  const sums = sumsOf(orders);
  const amount = (minor: number) => (sums.currency ? money({ minor, currency: sums.currency }) : '–');
  const lengthMs = room.startedAtMs === null ? 0 : (room.endedAtMs ?? serverNowMs()) - room.startedAtMs;
  const figures: [string, string][] = [
    [t.length, clockOf(lengthMs)],
    [t.visitors, count(audience.visitors)],
    [t.likes, count(audience.likes)],
    [t.orders, count(sums.orders)],
    [t.paidOrders, count(sums.paidOrders)],
    [t.soldUnits, count(sums.soldUnits)],
    [t.gross, amount(sums.grossMinor)],
    [t.net, amount(sums.netMinor)],
    [t.conversion, audience.visitors > 0 ? percent(sums.buyers / audience.visitors) : '–'],
  ];
  return (
    <section class="stack">
      <header class="show-head">
        <Link to="/studio/numbers" class="back-link" aria-label={t.sections.numbers}>
          ←
        </Link>
        <h1 class="user-text">{room.title}</h1>
        <StateBadge state={room.state} />
        <span class="quiet small">{room.startedAtMs !== null && dayAndTime(room.startedAtMs)}</span>
      </header>
      <dl class="panel figures numbers">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ByProduct orders={orders} />
    </section>
  );
}

function ByProduct({ orders }: { orders: readonly OrderSummary[] }) {
  const t = useMessages(studioTexts);
  const section = useMessages(sectionTexts);
  const lang = useStore(language);
  const paid = orders.filter(({ state }) => ['paid', 'shipped', 'delivered'].includes(state));
  const lines = paid.flatMap((order) => order.lines.map((line) => ({ ...line, currency: order.currency })));
  const rows = [...Map.groupBy(lines, ({ skuId }) => skuId).values()].map((same) => ({
    ...same[0]!,
    units: same.reduce((total, line) => total + line.units - line.refundedUnits, 0),
    minor: same.reduce((total, line) => total + (line.units - line.refundedUnits) * line.priceMinor, 0),
  }));
  if (rows.length === 0) return null;
  return (
    <div class="panel table-scroll">
      <h2>{t.productRows}</h2>
      <table class="table">
        <thead>
          <tr>
            <th>{section.product}</th>
            <th>{section.variant}</th>
            <th class="number">{t.soldUnits}</th>
            <th class="number">{t.net}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.skuId}>
              <td class="user-text">{localized(row.title, lang)}</td>
              <td class="user-text">{row.optionValues.join(' · ')}</td>
              <td class="number">{count(row.units)}</td>
              <td class="number">{money({ minor: row.minor, currency: row.currency })}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
