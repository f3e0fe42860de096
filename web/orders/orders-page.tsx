import { useEffect, useState } from 'preact/hooks';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Countdown } from '../design/countdown.tsx';
import { Notice } from '../design/notice.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { Tabs } from '../design/tabs.tsx';
import { dayAndTime, money } from '../i18n/format.ts';
import { OwnWins } from '../giveaway/own-wins.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { ask, onNotice } from '../session/connection.ts';
import { signInHere } from '../session/sign-in-sheet.tsx';
import { session } from '../session/session.ts';
import { sessionTexts } from '../session/session.messages.ts';
import { Failure } from '../shell/failure.tsx';
import { MoreButton } from '../shell/more-button.tsx';
import { Page } from '../shell/page.tsx';
import { useStore } from '../state/store.ts';
import { usePages } from '../state/use-pages.ts';
import type { OrderState, OrderSummary } from '../../shared/protocol/order.ts';
import { AddressBook } from './address-book.tsx';
import { OrderLines } from './order-lines.tsx';
import { orderTexts } from './orders.messages.ts';

const shownStates = ['held', 'paid', 'shipped', 'delivered'] as const;

export function OrdersPage() {
  const t = useMessages(orderTexts);
  const who = useStore(session)?.person;
  return (
    <Page title={t.title} narrow>
      <h1>{t.title}</h1>
      {who?.kind === 'account' ? <Own key={who.personId} /> : <SignInFirst />}
    </Page>
  );
}

const Own = () => (
  <>
    <OwnWins />
    <AddressBook />
    <OwnOrders />
  </>
);

export function SignInFirst() {
  const t = useMessages(orderTexts);
  const signIn = useMessages(sessionTexts);
  return (
    <Notice icon="user" title={t.needAccount}>
      <Button kind="primary" onClick={() => void signInHere()}>
        {signIn.signIn}
      </Button>
    </Notice>
  );
}

function OwnOrders() {
  const t = useMessages(orderTexts);
  const [state, setState] = useState<OrderState | 'all'>('all');
  const orders = usePages(
    {
      read: async (after) => {
        const { orders: rows, next } = await ask('order:list', {
          ...(state === 'all' ? {} : { state }),
          ...(after ? { after } : {}),
        });
        return { rows, next };
      },
      idOf: ({ orderId }: OrderSummary) => orderId,
    },
    [state],
  );
  const { loaded } = orders;
  useEffect(() => onNotice('order:changed', orders.soon), []);
  const tabs = [{ key: 'all' as const, label: t.all }, ...shownStates.map((key) => ({ key, label: t.states[key] }))];
  return (
    <div class="stack orders">
      <Tabs label={t.title} tabs={tabs} chosen={state} onChoose={setState}>
        {loaded.state === 'loading' && <Skeleton height={140} />}
        {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={orders.again} />}
        {loaded.state === 'ready' && loaded.value.rows.length === 0 && (
          <Notice icon="bag" title={t.none} text={t.noneText} />
        )}
        {loaded.state === 'ready' && (
          <ul class="stack">
            {loaded.value.rows.map((order) => (
              <OrderCard key={order.orderId} order={order} />
            ))}
          </ul>
        )}
        <MoreButton of={orders} />
      </Tabs>
    </div>
  );
}

function OrderCard({ order }: { order: OrderSummary }) {
  const t = useMessages(orderTexts);
  return (
    <li class="card order-card">
      <Link to={`/orders/${order.orderId}`} class="stack">
        <span class="row row--apart">
          <span class="order-card__from">
            <span class="user-text one-line">{order.shopName}</span>
            <span class="quiet small numbers">{dayAndTime(order.heldAtMs)}</span>
          </span>
          <OrderBadge order={order} />
        </span>
        <OrderLines lines={order.lines} currency={order.currency} />
        <span class="row row--apart numbers">
          <span>
            {t.total} <strong>{money({ minor: order.totalMinor, currency: order.currency })}</strong>
          </span>
          {order.state === 'held' && !order.rehearsal && (
            <span class="button button--primary button--small">
              {t.payShort} · <Countdown untilMs={order.payByMs} />
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}

/** What an order waits for. One of a rehearsal waits for nothing, and says so. */
export function OrderBadge({ order: { state, rehearsal } }: { order: OrderSummary }) {
  const t = useMessages(orderTexts);
  if (rehearsal) return <Badge tone="gold">{t.rehearsalMark}</Badge>;
  const tone = { held: 'accent', paid: 'good', shipped: 'good', delivered: 'good' }[state as string] ?? 'quiet';
  return <Badge tone={tone as 'accent' | 'good' | 'quiet'}>{t.states[state]}</Badge>;
}
