import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { TextField, Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { toast } from '../../design/toast.tsx';
import { money } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';

/** Gives back what is left of an order. Asks once, with the amount. */
export function RefundForm({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(sectionTexts);
  const [reason, setReason] = useState('');
  const [restock, setRestock] = useState(true);
  const { keyOf, done } = useRequestKey();
  const question = useQuestion();
  const left = money({ minor: order.totalMinor - order.refundedMinor, currency: order.currency });
  const { problem, busy, submit } = useSubmit(async () => {
    const wish = { orderId: order.orderId, reason, restock };
    const answer = await ask('order:refund', { ...wish, requestKey: keyOf(wish) });
    done(wish);
    onOrder(answer.order);
    if (answer.outcome !== 'refunded') return t.refundRefusals[answer.outcome];
    toast(t.refunded, 'good');
    return undefined;
  });
  const askFirst = (event: Event) => {
    event.preventDefault();
    const onYes = () => void submit();
    question.ask({ title: t.refundTitle(left), explanation: t.refundText, yes: t.refund, danger: true, onYes });
  };
  return (
    <details>
      <summary>{t.refund}</summary>
      <form class="stack" onSubmit={askFirst}>
        <p class="quiet small">{t.refundText}</p>
        <TextField label={t.refundReason} required maxLength={500} value={reason} onText={setReason} />
        <Tick label={t.restock} checked={restock} onTick={setRestock} />
        <Problem text={problem} />
        <Button type="submit" kind="danger" busy={busy}>
          {t.refund}
        </Button>
      </form>
      {question.dialog}
    </details>
  );
}
