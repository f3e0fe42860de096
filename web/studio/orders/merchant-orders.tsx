import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { dayAndTime, money } from '../../i18n/format.ts';
import { language, type Language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { OrderBadge } from '../../orders/orders-page.tsx';
import { orderTexts } from '../../orders/orders.messages.ts';
import { localized } from '../../room/offers.ts';
import { usePlace } from '../../router/router.tsx';
import { ask, onNotice } from '../../session/connection.ts';
import { readFile } from '../../session/files.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import { NothingFound } from '../../shell/nothing-found.tsx';
import { saveFile } from '../../state/save-file.ts';
import { usePages } from '../../state/use-pages.ts';
import { useSearch } from '../../state/use-search.ts';
import { useStore } from '../../state/store.ts';
import type { OrderLine, OrderState, OrderSummary } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';
import { myShopId } from '../shop.ts';
import { studioTexts } from '../studio.messages.ts';
import { MerchantOrder } from './merchant-order.tsx';

const shownStates = ['paid', 'shipped', 'delivered', 'held', 'refunded'] as const;

/** What people bought: to be packed, sent, refunded; and as a file for other programs. */
export function MerchantOrders() {
  const t = useMessages(sectionTexts);
  const studio = useMessages(studioTexts);
  const orderText = useMessages(orderTexts);
  const [state, setState] = useState<OrderState | 'all'>('all');
  // Whoever comes by a link to one of them has it open.
  const [opened, setOpened] = useState(usePlace().query.get('order'));
  const { query, field } = useSearch();
  const shopId = myShopId();
  const pages = usePages(
    {
      read: async (after) => {
        const { orders: rows, next } = await ask('shop:orders', {
          shopId,
          limit: 50,
          ...(state === 'all' ? {} : { state }),
          ...(query ? { search: query } : {}),
          ...(after ? { after } : {}),
        });
        return { rows, next };
      },
      idOf: ({ orderId }: OrderSummary) => orderId,
    },
    [state, query],
  );
  const { loaded } = pages;
  useEffect(() => onNotice('order:changed', pages.soon), []);
  const exportAll = () =>
    void readFile(`/api/shops/${shopId}/orders.csv`).then((text) => saveFile('orders.csv', text, 'text/csv'), complain);
  const tabs = [
    { key: 'all' as const, label: orderText.all },
    ...shownStates.map((key) => ({ key, label: orderText.states[key] })),
  ];
  return (
    <section class="stack">
      <header class="row row--apart">
        <h1>{studio.sections.orders}</h1>
        <Button onClick={exportAll}>{t.exportCsv}</Button>
      </header>
      <div class="row row--wrap toolbar">
        <SearchField label={t.searchOrders} {...field} />
      </div>
      <Tabs label={t.state} tabs={tabs} chosen={state} onChoose={setState}>
        {loaded.state === 'loading' && <Skeleton height={240} />}
        {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={pages.again} />}
        {loaded.state === 'ready' && loaded.value.rows.length === 0 && (
          <NoOrders query={query} mayFollow={loaded.value.next !== null} />
        )}
        {loaded.state === 'ready' && loaded.value.rows.length > 0 && (
          <OrdersTable orders={loaded.value.rows} onOpen={({ orderId }) => setOpened(orderId)} />
        )}
        <MoreButton of={pages} />
      </Tabs>
      {opened && <MerchantOrder orderId={opened} onClose={() => setOpened(null)} onChanged={pages.again} />}
    </section>
  );
}

/** `mayFollow`: older orders were not looked through yet. */
function NoOrders({ query, mayFollow }: { query: string; mayFollow: boolean }) {
  const t = useMessages(sectionTexts);
  if (mayFollow) return <p class="quiet">{t.notAmongNewest}</p>;
  if (query) return <NothingFound query={query} />;
  return <Notice icon="truck" title={t.noOrders} text={t.noOrdersText} />;
}

const wordsOf = ({ title, units, optionValues }: OrderLine, lang: Language): string =>
  [`${units} × ${localized(title, lang)}`, optionValues.join(' / ')].filter(Boolean).join(' · ');

function OrdersTable({ orders, onOpen }: { orders: readonly OrderSummary[]; onOpen: (order: OrderSummary) => void }) {
  const t = useMessages(sectionTexts);
  const lang = useStore(language);
  return (
    <div class="panel table-scroll">
      <table class="table table--cards orders-table">
        <thead>
          <tr>
            <th>{t.when}</th>
            <th>{t.boughtBy}</th>
            <th>{t.product}</th>
            <th>{t.state}</th>
            <th class="number">{t.total}</th>
            <th />
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.orderId}>
              <td class="numbers">{dayAndTime(order.heldAtMs)}</td>
              <td class="user-text">{order.buyerName || t.nobody}</td>
              <td id={`${order.orderId}-lines`} class="user-text">
                {order.lines.map((line) => wordsOf(line, lang)).join(', ')}
              </td>
              <td>
                <OrderBadge order={order} />
              </td>
              <td class="number">{money({ minor: order.totalMinor, currency: order.currency })}</td>
              <td class="number">
                <Button size="small" aria-describedby={`${order.orderId}-lines`} onClick={() => onOpen(order)}>
                  {t.details}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
