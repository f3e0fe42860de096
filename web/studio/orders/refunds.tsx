import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { RefundList, type Refund } from '../../orders/refund-list.tsx';
import { ask } from '../../session/connection.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';

type Props = { order: Order; onOrder: (order: Order) => void };

/** What was given back, how far it is, and the way to ask the payment provider once more. */
export const Refunds = ({ order, onOrder }: Props) => (
  <RefundList order={order} whenFailed={(refund) => <RetryRefund order={order} refund={refund} onOrder={onOrder} />} />
);

function RetryRefund({ order, refund: { refundId }, onOrder }: Props & { refund: Refund }) {
  const t = useMessages(sectionTexts);
  const { problem, busy, submit } = useSubmit(async () => {
    const answer = await ask('order:retry-refund', { orderId: order.orderId, refundId });
    onOrder(answer.order);
    return answer.outcome === 'not_failed' ? t.refundNotFailed : undefined;
  });
  return (
    <>
      <p class="small">{t.refundFailedText}</p>
      <Button size="small" busy={busy} onClick={() => void submit()}>
        {t.refundRetry}
      </Button>
      <Problem text={problem} />
    </>
  );
}
