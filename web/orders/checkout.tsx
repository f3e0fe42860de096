import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Countdown } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { Problem } from '../design/problem.tsx';
import { money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import type { Ask } from '../room/room-session.ts';
import { Link } from '../router/router.tsx';
import { online } from '../state/online.ts';
import { useStore } from '../state/store.ts';
import { useSubmit } from '../state/use-submit.ts';
import type { Order } from '../../shared/protocol/order.ts';
import { DeliveryChoice } from './delivery-choice.tsx';
import { OrderLines, OrderSums } from './order-lines.tsx';
import { orderTexts } from './orders.messages.ts';
import { ShopTerms } from './shop-terms.tsx';

type Props = { order: Order; ask: Ask; onOrder: (order: Order) => void };

/** Nothing was charged, unless the money was late: then it is on its way, or goes back. */
export function expiredTextOf(
  { isPaymentUnderWay, refunds }: Pick<Order, 'isPaymentUnderWay' | 'refunds'>,
  t: { payingLate: string; paidLate: string; expiredText: string },
): string {
  if (isPaymentUnderWay) return t.payingLate;
  return refunds.length > 0 ? t.paidLate : t.expiredText;
}

/** What a held order needs until it is paid: an address if something is sent, and one press. */
export function Checkout({ order, ask, onOrder }: Props) {
  const t = useMessages(orderTexts);
  const lang = useStore(language) === 'zh-CN' ? 'zh' : 'en';
  const [isChoosing, setChoosing] = useState(false);
  const isOnline = useStore(online);
  /** Whoever has closed it meanwhile is not led away. */
  const isGone = useRef(false);
  useEffect(() => () => void (isGone.current = true), []);

  const problems = { not_held: t.notHeld, needs_address: t.needAddress, rehearsal: t.rehearsal };

  const { problem, busy, submit } = useSubmit(async () => {
    const { orderId } = order;
    // An order has one open payment: asked for again, it is the same one.
    const wish = { orderId, language: lang, returnPath: `/orders/${orderId}` } as const;
    const answer = await ask('payment:start', wish);
    if (isGone.current) return undefined;
    if (answer.outcome === 'started' && answer.payment.payUrl) {
      location.assign(answer.payment.payUrl);
      return undefined;
    }
    if (answer.outcome === 'paid') {
      onOrder(await ask('order:read', { orderId }));
      return undefined;
    }
    return problems[answer.outcome === 'started' ? 'not_held' : answer.outcome];
  });

  if (order.rehearsal)
    return (
      <div class="stack checkout">
        <p class="says">{t.rehearsal}</p>
        <OrderLines lines={order.lines} currency={order.currency} />
        <OrderSums order={order} />
      </div>
    );
  if (order.state === 'held' && order.isPaymentUnderWay)
    return (
      <div class="stack checkout">
        <p class="says" role="status">
          {t.payingNow}
        </p>
        <OrderLines lines={order.lines} currency={order.currency} />
        <OrderSums order={order} />
      </div>
    );
  if (order.state !== 'held')
    return (
      <div class="stack checkout">
        <p class={order.state === 'paid' ? 'says' : 'says says--bad'}>
          {order.state === 'paid'
            ? t.paidNow
            : order.state === 'expired'
              ? expiredTextOf(order, t)
              : t.states[order.state]}
        </p>
        <OrderLines lines={order.lines} currency={order.currency} />
        <Link to={`/orders/${order.orderId}`} class="button button--plain button--big button--wide">
          {t.seeOrder}
        </Link>
      </div>
    );
  return (
    <div class="stack checkout">
      <p class="pay-by">
        <Icon name="flash" sizePx={18} />
        <span class="grow">{t.payBy}</span>
        <strong>
          <Countdown untilMs={order.payByMs} />
        </strong>
      </p>
      <p class="quiet small">{t.payByText}</p>
      <OrderLines lines={order.lines} currency={order.currency} />
      <DeliveryChoice order={order} ask={ask} onOrder={onOrder} isChoosing={isChoosing} onChoosing={setChoosing} />
      <OrderSums order={order} />
      <ShopTerms order={order} summary={t.termsNow} />
      <div class={order.needsAddress ? 'stack' : 'stack checkout__pay'}>
        {/* The bar that says it lies below the sheet. */}
        <Problem text={busy && !isOnline ? t.payWaits : problem} />
        <Button
          kind="primary"
          size="big"
          wide
          busy={busy || isChoosing}
          disabled={order.needsAddress}
          onClick={() => void submit()}
        >
          {t.pay(money({ minor: order.totalMinor, currency: order.currency }))}
        </Button>
      </div>
    </div>
  );
}
