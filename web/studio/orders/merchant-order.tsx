import { Sheet } from '../../design/sheet.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { AddressText } from '../../orders/address-text.tsx';
import { OrderLines, OrderSums } from '../../orders/order-lines.tsx';
import { OrderBadge } from '../../orders/orders-page.tsx';
import { orderTexts } from '../../orders/orders.messages.ts';
import { Timeline } from '../../orders/timeline.tsx';
import { useOrder } from '../../orders/use-order.ts';
import { ask } from '../../session/connection.ts';
import { Failure } from '../../shell/failure.tsx';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';
import { RefundForm } from './refund-form.tsx';
import { Refunds } from './refunds.tsx';
import { ShipForm } from './ship-form.tsx';

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
  const words = useMessages(orderTexts);
  const { delivery } = order;
  return (
    <div class="stack">
      <p>
        <OrderBadge order={order} />
      </p>
      <OrderLines lines={order.lines} currency={order.currency} />
      <OrderSums order={order} />
      {delivery && (
        <div class="delivery__to">
          <p class="field__label">{t.buyer}</p>
          <AddressText address={delivery.address} />
        </div>
      )}
      {(order.state === 'paid' || order.state === 'shipped') && <ShipForm order={order} onOrder={onOrder} />}
      <Refunds order={order} onOrder={onOrder} />
      {mayRefund(order) && <RefundForm order={order} onOrder={onOrder} />}
      <Timeline order={order} />
      <p class="quiet small numbers order__number">{words.number(order.orderId)}</p>
    </div>
  );
}

/** Of an order whose goods all went back, the shipping may still. */
const mayRefund = ({ state, refundedMinor, totalMinor }: Order): boolean =>
  state === 'paid' ||
  state === 'shipped' ||
  state === 'delivered' ||
  (state === 'refunded' && refundedMinor < totalMinor);
