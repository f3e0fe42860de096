import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { TextField, Tick } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { toast } from '../../design/toast.tsx';
import { money } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { AddressText } from '../../orders/address-text.tsx';
import { OrderLines, OrderSums } from '../../orders/order-lines.tsx';
import { OrderBadge } from '../../orders/orders-page.tsx';
import { orderTexts } from '../../orders/orders.messages.ts';
import { useOrder } from '../../orders/use-order.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { Failure } from '../../shell/failure.tsx';
import { useRequestKey } from '../../state/use-request-key.ts';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';

type Props = { orderId: string; onClose: () => void; onChanged: () => void };

export function MerchantOrder({ orderId, onClose, onChanged }: Props) {
  const t = useMessages(orderTexts);
  const { loaded, again, set } = useOrder(ask, orderId);
  const taken = (order: Order) => {
    set(order);
    onChanged();
  };
  return (
    <Sheet shape="dialog" title={t.order} onClose={onClose}>
      {loaded.state === 'loading' && <Skeleton height={240} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && <OrderWork order={loaded.value} onOrder={taken} />}
    </Sheet>
  );
}

function OrderWork({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(sectionTexts);
  const { delivery } = order;
  return (
    <div class="stack">
      <OrderBadge order={order} />
      <OrderLines lines={order.lines} currency={order.currency} />
      <OrderSums order={order} />
      {delivery && (
        <div class="delivery__to">
          <p class="field__label">{t.buyer}</p>
          <AddressText address={delivery.address} />
        </div>
      )}
      {(order.state === 'paid' || order.state === 'shipped') && <ShipForm order={order} onOrder={onOrder} />}
      {(order.state === 'paid' || order.state === 'shipped' || order.state === 'delivered') && (
        <RefundForm order={order} onOrder={onOrder} />
      )}
    </div>
  );
}

function ShipForm({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(sectionTexts);
  const { orderId } = order;
  const [carrier, setCarrier] = useState(order.delivery?.carrier ?? '');
  const [trackingNumber, setNumber] = useState(order.delivery?.trackingNumber ?? '');
  const run = (work: Promise<{ order: Order }>) =>
    void work.then(
      (answer) => onOrder(answer.order),
      (error: unknown) => toast(sayError(error), 'bad'),
    );
  const ship = (event: Event) => {
    event.preventDefault();
    run(ask('order:ship', { orderId, carrier, trackingNumber }));
  };
  return (
    <form class="stack" onSubmit={ship}>
      <div class="two">
        <TextField label={t.carrier} required maxLength={60} value={carrier} onText={setCarrier} />
        <TextField label={t.tracking} required maxLength={100} value={trackingNumber} onText={setNumber} />
      </div>
      <div class="row">
        <Button type="submit" kind={order.state === 'paid' ? 'primary' : 'plain'}>
          {t.ship}
        </Button>
        {order.state === 'shipped' && (
          <Button onClick={() => run(ask('order:deliver', { orderId }))}>{t.deliver}</Button>
        )}
      </div>
    </form>
  );
}

function RefundForm({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(sectionTexts);
  const [reason, setReason] = useState('');
  const [restock, setRestock] = useState(true);
  const [busy, setBusy] = useState(false);
  const { keyOf } = useRequestKey();
  const question = useQuestion();
  const left = money({ minor: order.totalMinor - order.refundedMinor, currency: order.currency });
  const askFirst = (event: Event) => {
    event.preventDefault();
    question.ask({ title: t.refundTitle(left), explanation: t.refundText, yes: t.refund, danger: true, onYes: refund });
  };
  const refund = () => {
    const wish = { orderId: order.orderId, reason, restock };
    setBusy(true);
    void ask('order:refund', { ...wish, requestKey: keyOf(wish) })
      .then(
        (answer) => {
          if (answer.outcome === 'refunded') toast(t.refunded, 'good');
          else toast(t.refundRefusals[answer.outcome], 'bad');
          onOrder(answer.order);
        },
        (error: unknown) => toast(sayError(error), 'bad'),
      )
      .finally(() => setBusy(false));
  };
  return (
    <details>
      <summary>{t.refund}</summary>
      <form class="stack" onSubmit={askFirst}>
        <p class="quiet small">{t.refundText}</p>
        <TextField label={t.refundReason} required maxLength={500} value={reason} onText={setReason} />
        <Tick label={t.restock} checked={restock} onTick={setRestock} />
        <Button type="submit" kind="danger" busy={busy}>
          {t.refund}
        </Button>
      </form>
      {question.dialog}
    </details>
  );
}
