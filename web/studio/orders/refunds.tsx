import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { dayAndTime, money } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';

type Refund = Order['refunds'][number];
type Props = { order: Order; onOrder: (order: Order) => void };

/** What was given back, how far it is, and the way to ask the payment provider once more. */
export function Refunds({ order, onOrder }: Props) {
  const t = useMessages(sectionTexts);
  if (order.refunds.length === 0) return null;
  return (
    <section>
      <h3>{t.refunds}</h3>
      <ul class="stack">
        {order.refunds.map((refund) => (
          <RefundRow key={refund.refundId} order={order} refund={refund} onOrder={onOrder} />
        ))}
      </ul>
    </section>
  );
}

const tones = { requested: 'accent', done: 'good', failed: 'bad' } as const;

function RefundRow({ order, refund, onOrder }: Props & { refund: Refund }) {
  const t = useMessages(sectionTexts);
  const { refundId, amountMinor, currency, state, reason, requestedAtMs } = refund;
  const { problem, busy, submit } = useSubmit(async () => {
    const answer = await ask('order:retry-refund', { orderId: order.orderId, refundId });
    onOrder(answer.order);
    return answer.outcome === 'not_failed' ? t.refundNotFailed : undefined;
  });
  return (
    <li class="stack">
      <p class="row row--wrap">
        <strong class="numbers">{money({ minor: amountMinor, currency })}</strong>
        <Badge tone={tones[state]}>{t.refundStates[state]}</Badge>
        <span class="quiet small">{dayAndTime(requestedAtMs)}</span>
      </p>
      <p class="quiet small user-text">{reason}</p>
      {state === 'failed' && (
        <>
          <p class="small">{t.refundFailedText}</p>
          <Button size="small" busy={busy} onClick={() => void submit()}>
            {t.refundRetry}
          </Button>
        </>
      )}
      <Problem text={problem} />
    </li>
  );
}
