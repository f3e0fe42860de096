import { dayAndTime, money } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { session } from '../session/session.ts';
import { useStore } from '../state/store.ts';
import type { Order, OrderEvent } from '../../shared/protocol/order.ts';
import { orderStoryTexts } from './order-story.messages.ts';
import { orderTexts } from './orders.messages.ts';

/** Everything that happened to an order: when, by whom and why. The same for its buyer and its shop. */
export function Timeline({ order }: { order: Order }) {
  const t = useMessages(orderTexts);
  const story = useMessages(orderStoryTexts);
  const myId = useStore(session)?.person.personId;
  const nameOf = (personId: string | null): string | null => {
    if (personId === null) return null;
    if (personId === myId) return story.you;
    if (personId === order.buyerId) return order.buyerName || story.buyer;
    return personId === order.merchantId ? order.shopName : null;
  };
  const wordsOf = ({ kind }: OrderEvent): string =>
    kind === 'held' && order.buyerId !== myId ? story.heldForBuyer : t.events[kind];
  return (
    <section class="card">
      <h2>{t.timeline}</h2>
      <ol class="timeline">
        {order.events.map((event, index) => (
          <li key={index}>
            <span class="row row--wrap timeline__what">
              <strong>{wordsOf(event)}</strong>
              <span class="numbers">{amountOf(event, order.currency)}</span>
            </span>
            <span class="quiet small user-text">
              {[dayAndTime(event.atMs), nameOf(event.personId)].filter(Boolean).join(' · ')}
            </span>
            {/* What nobody said has reasons of programs. */}
            {event.personId !== null && event.reason && <span class="small user-text">{event.reason}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function amountOf({ details }: OrderEvent, orderCurrency: string): string | null {
  const { amountMinor, currency = orderCurrency } = details;
  if (typeof amountMinor !== 'number' || typeof currency !== 'string') return null;
  return money({ minor: amountMinor, currency });
}
