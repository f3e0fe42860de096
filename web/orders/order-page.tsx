import { useQuestion } from '../design/ask.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { Problem } from '../design/problem.tsx';
import { Skeleton } from '../design/skeleton.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { ask } from '../session/connection.ts';
import { session } from '../session/session.ts';
import { Failure } from '../shell/failure.tsx';
import { Page } from '../shell/page.tsx';
import { useStore } from '../state/store.ts';
import { useSubmit } from '../state/use-submit.ts';
import type { Order } from '../../shared/protocol/order.ts';
import { AddressText } from './address-text.tsx';
import { Checkout, expiredTextOf } from './checkout.tsx';
import { OrderLines, OrderSums } from './order-lines.tsx';
import { OrderBadge, SignInFirst } from './orders-page.tsx';
import { orderStoryTexts } from './order-story.messages.ts';
import { orderTexts } from './orders.messages.ts';
import { RefundList } from './refund-list.tsx';
import { ShopTerms } from './shop-terms.tsx';
import { Timeline } from './timeline.tsx';
import { useOrder } from './use-order.ts';

export function OrderPage({ params }: { params: Record<string, string> }) {
  const t = useMessages(orderTexts);
  const who = useStore(session)?.person;
  return (
    <Page title={t.order} narrow>
      <Link to="/orders" class="back-link">
        ← {t.back}
      </Link>
      {who?.kind === 'account' ? <OneOrder key={who.personId} orderId={params['orderId'] ?? ''} /> : <SignInFirst />}
    </Page>
  );
}

function OneOrder({ orderId }: { orderId: string }) {
  const { loaded, again, set } = useOrder(ask, orderId);
  if (loaded.state === 'loading') return <Skeleton height={320} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  return <OrderView order={loaded.value} onOrder={set} />;
}

function OrderView({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(orderTexts);
  const story = useMessages(orderStoryTexts);
  const question = useQuestion();
  const { problem, busy, submit } = useSubmit(async () => {
    const answer = await ask('order:cancel', { orderId: order.orderId });
    onOrder(answer.order);
    return answer.outcome === 'too_late' ? t.tooLate : undefined;
  });
  const mayCancel = order.state === 'held' || order.state === 'paid';
  return (
    <div class="stack order">
      <header class="row row--apart row--wrap">
        <div>
          <h1>{t.order}</h1>
          <p class="quiet small user-text">{t.from(order.shopName)}</p>
        </div>
        <OrderBadge order={order} />
      </header>
      {order.state === 'held' ? (
        <div class="card">
          <Checkout order={order} ask={ask} onOrder={onOrder} />
        </div>
      ) : (
        <div class="card stack">
          {order.rehearsal && <p class="says">{t.rehearsal}</p>}
          {order.state === 'expired' && !order.rehearsal && <p class="says says--bad">{expiredTextOf(order, t)}</p>}
          <OrderLines lines={order.lines} currency={order.currency} />
          <OrderSums order={order} />
          {order.delivery && (
            <div class="delivery__to">
              <p class="field__label">{t.address}</p>
              <AddressText address={order.delivery.address} />
            </div>
          )}
          {order.delivery?.carrier && order.delivery.trackingNumber && (
            <p class="row">
              <Icon name="truck" sizePx={18} />
              <span class="user-text">{t.tracking(order.delivery.carrier, order.delivery.trackingNumber)}</span>
            </p>
          )}
          <RefundList order={order} whenFailed={() => <p class="small">{story.refundFailed}</p>} />
        </div>
      )}
      <Timeline order={order} />
      <Problem text={problem} />
      {/* What is to be paid shows them where it is paid. */}
      {(order.state !== 'held' || order.rehearsal) && <ShopTerms order={order} summary={t.terms} />}
      <div class="row row--apart">
        <Link to={`/room/${order.roomId}`} class="button button--plain button--normal">
          {t.backToRoom}
        </Link>
        {mayCancel && (
          <Button
            kind="danger"
            busy={busy}
            onClick={() =>
              question.ask({
                title: t.cancelTitle,
                explanation: t.cancelText,
                yes: t.cancelYes,
                danger: true,
                onYes: () => void submit(),
              })
            }
          >
            {t.cancel}
          </Button>
        )}
      </div>
      <p class="quiet small numbers order__number">{t.number(order.orderId)}</p>
      {question.dialog}
    </div>
  );
}
