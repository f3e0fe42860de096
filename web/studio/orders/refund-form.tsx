import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { TextField, Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Steps } from '../../design/steps.tsx';
import { toast } from '../../design/toast.tsx';
import { money } from '../../i18n/format.ts';
import { language } from '../../i18n/language.ts';
import { useMessages } from '../../i18n/messages.ts';
import { localized } from '../../room/offers.ts';
import { ask } from '../../session/connection.ts';
import { useStore } from '../../state/store.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Order } from '../../../shared/protocol/order.ts';
import { sectionTexts } from '../section.messages.ts';
import { refundOf, type RefundChoice } from './refund-choice.ts';

/** Gives back what is left of an order, or some of it. Asks once, with the amount. */
export function RefundForm({ order, onOrder }: { order: Order; onOrder: (order: Order) => void }) {
  const t = useMessages(sectionTexts);
  const [choice, setChoice] = useState<RefundChoice>({ units: {}, withShipping: true });
  const [reason, setReason] = useState('');
  // What was sent is with the carrier or the buyer: it is for sale again when somebody says that it came back.
  const [restock, setRestock] = useState(order.state === 'paid');
  const { keyOf, done } = useRequestKey();
  const question = useQuestion();
  const amount = (minor: number) => money({ minor, currency: order.currency });
  const refund = refundOf(order, choice);
  const { problem, busy, submit } = useSubmit(async () => {
    const wish = { orderId: order.orderId, reason, restock, ...refund.wish };
    const answer = await ask('order:refund', { ...wish, requestKey: keyOf(wish) });
    done(wish);
    setChoice({ units: {}, withShipping: true });
    onOrder(answer.order);
    if (answer.outcome !== 'refunded') return t.refundRefusals[answer.outcome];
    toast(t.refunded, 'good');
    return undefined;
  });
  const askFirst = (event: Event) => {
    event.preventDefault();
    const onYes = () => void submit();
    const title = t.refundTitle(amount(refund.amountMinor));
    question.ask({ title, explanation: t.refundText, yes: t.refund, danger: true, onYes });
  };
  return (
    <details>
      <summary>{t.refund}</summary>
      <form class="stack" onSubmit={askFirst}>
        {refund.unitsLeft > 1 && (
          <RefundedUnits
            refund={refund}
            onChoose={(units) => setChoice((before) => ({ ...before, units: { ...before.units, ...units } }))}
          />
        )}
        {refund.shippingLeftMinor > 0 && (
          <Tick
            label={t.refundShipping(amount(refund.shippingLeftMinor))}
            checked={choice.withShipping}
            onTick={(withShipping) => setChoice((before) => ({ ...before, withShipping }))}
          />
        )}
        {refund.unitsLeft > 0 && <Tick label={t.restock} checked={restock} onTick={setRestock} />}
        <TextField label={t.refundReason} required maxLength={500} value={reason} onText={setReason} />
        <Problem text={problem} />
        <Button type="submit" kind="danger" busy={busy} disabled={refund.isNothing}>
          {t.refundAmount(amount(refund.amountMinor))}
        </Button>
      </form>
      {question.dialog}
    </details>
  );
}

type UnitsProps = { refund: ReturnType<typeof refundOf>; onChoose: (units: Record<number, number>) => void };

function RefundedUnits({ refund: { lines }, onChoose }: UnitsProps) {
  const t = useMessages(sectionTexts);
  const lang = useStore(language);
  return (
    <ul class="refund-lines">
      {lines.map(({ lineNumber, title, optionValues, chosen, unitsLeft }) => {
        const name = localized(title, lang);
        return (
          <li key={lineNumber} class="row">
            <span class="grow">
              <span class="user-text order-lines__title">{name}</span>
              <span class="quiet small user-text">{[...optionValues, t.refundOf(unitsLeft)].join(' · ')}</span>
            </span>
            <span class="row numbers">
              <Steps
                value={chosen}
                min={0}
                max={unitsLeft}
                of={[name, ...optionValues].join(' · ')}
                onChoose={(units) => onChoose({ [lineNumber]: units })}
              />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
