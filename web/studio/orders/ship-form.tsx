import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { orderLimits } from '../../../shared/limits.ts';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';

/** Hands an order to a carrier, corrects what was said of it, and marks it delivered. */
export function ShipForm({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(sectionTexts);
  const { orderId } = order;
  const isShipped = order.state === 'shipped';
  const [carrier, setCarrier] = useState(order.delivery?.carrier ?? '');
  const [trackingNumber, setNumber] = useState(order.delivery?.trackingNumber ?? '');
  const shipping = useSubmit(async () => {
    const answer = await ask('order:ship', { orderId, carrier, trackingNumber });
    onOrder(answer.order);
    return answer.outcome === 'not_paid' ? t.shipRefusals.not_paid : undefined;
  });
  const delivering = useSubmit(async () => {
    const answer = await ask('order:deliver', { orderId });
    onOrder(answer.order);
    return answer.outcome === 'not_shipped' ? t.shipRefusals.not_shipped : undefined;
  });
  return (
    <form class="stack" onSubmit={shipping.onSubmit}>
      <div class="two">
        <TextField
          label={t.carrier}
          required
          maxLength={orderLimits.carrierLengthMax}
          value={carrier}
          onText={setCarrier}
        />
        <TextField
          label={t.tracking}
          required
          maxLength={orderLimits.trackingNumberLengthMax}
          value={trackingNumber}
          onText={setNumber}
        />
      </div>
      <Problem text={shipping.problem ?? delivering.problem} />
      <div class="row">
        <Button type="submit" kind={isShipped ? 'plain' : 'primary'} busy={shipping.busy}>
          {isShipped ? t.correctShipment : t.ship}
        </Button>
        {isShipped && (
          <Button busy={delivering.busy} onClick={() => void delivering.submit()}>
            {t.deliver}
          </Button>
        )}
      </div>
    </form>
  );
}
