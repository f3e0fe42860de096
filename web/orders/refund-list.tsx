import type { ComponentChildren } from 'preact';
import { Badge } from '../design/badge.tsx';
import { dayAndTime, money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { Order } from '../../shared/protocol/order.ts';
import { orderStoryTexts } from './order-story.messages.ts';
import { orderTexts } from './orders.messages.ts';

export type Refund = Order['refunds'][number];

const tones = { requested: 'accent', done: 'good', failed: 'bad' } as const;

/** What was given back of an order and how far it is. `whenFailed`: what can be done about one that failed. */
export function RefundList({ order, whenFailed }: { order: Order; whenFailed: (refund: Refund) => ComponentChildren }) {
  const t = useMessages(orderStoryTexts);
  if (order.refunds.length === 0) return null;
  return (
    <section class="stack">
      <h3>{t.refunds}</h3>
      <ul class="stack">
        {order.refunds.map((refund) => (
          <li key={refund.refundId} class="stack">
            <p class="row row--wrap">
              <strong class="numbers">{money({ minor: refund.amountMinor, currency: refund.currency })}</strong>
              <Badge tone={tones[refund.state]}>{t.refundStates[refund.state]}</Badge>
              <span class="quiet small">{dayAndTime(refund.requestedAtMs)}</span>
            </p>
            <RefundedLines order={order} refund={refund} />
            {refund.state === 'failed' && whenFailed(refund)}
          </li>
        ))}
      </ul>
    </section>
  );
}

function RefundedLines({ order, refund }: { order: Order; refund: Refund }) {
  const t = useMessages(orderTexts);
  const story = useMessages(orderStoryTexts);
  const lang = useStore(language);
  const goods = refund.lines.map(({ lineNumber, units }) => {
    const line = order.lines.find((one) => one.lineNumber === lineNumber);
    return line && [localized(line.title, lang), ...line.optionValues].join(' · ') + ` ${t.units(units)}`;
  });
  const all = [...goods, refund.shippingMinor > 0 && t.shipping].filter(Boolean);
  return (
    <div class="quiet small user-text">
      {all.length > 0 && <p>{all.join(', ')}</p>}
      <p>{refund.cause === 'unusable-payment' ? story.unusablePayment : refund.reason}</p>
    </div>
  );
}
