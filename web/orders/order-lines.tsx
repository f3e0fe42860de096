import { Cover } from '../design/avatar.tsx';
import { money } from '../i18n/format.ts';
import { language } from '../i18n/language.ts';
import { useMessages } from '../i18n/messages.ts';
import { localized } from '../room/offers.ts';
import { useStore } from '../state/store.ts';
import type { OrderLine, OrderSummary } from '../../shared/protocol/order.ts';
import { orderTexts } from './orders.messages.ts';
import './orders.css';

export function OrderLines({ lines, currency }: { lines: readonly OrderLine[]; currency: string }) {
  const t = useMessages(orderTexts);
  const lang = useStore(language);
  return (
    <ul class="order-lines">
      {lines.map((line) => (
        <li key={line.lineNumber} class="row">
          <span class="order-lines__picture">
            <Cover url={line.imageUrl} id={line.skuId} />
          </span>
          <span class="grow">
            <span class="user-text order-lines__title">{localized(line.title, lang)}</span>
            <span class="quiet small user-text">{line.optionValues.join(' · ')}</span>
          </span>
          <span class="numbers order-lines__price">
            {money({ minor: line.priceMinor, currency })}
            <span class="quiet small">{t.units(line.units)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function OrderSums({ order }: { order: OrderSummary }) {
  const t = useMessages(orderTexts);
  const amount = (minor: number) => money({ minor, currency: order.currency });
  return (
    <dl class="sums numbers">
      <dt>{t.goods}</dt>
      <dd>{amount(order.goodsMinor)}</dd>
      <dt>{t.shipping}</dt>
      <dd>{order.shippingMinor === 0 ? t.free : amount(order.shippingMinor)}</dd>
      <dt class="sums__total">{t.total}</dt>
      <dd class="sums__total">{amount(order.totalMinor)}</dd>
      {order.refundedMinor > 0 && (
        <>
          <dt>{t.refunded}</dt>
          <dd>{amount(order.refundedMinor)}</dd>
        </>
      )}
    </dl>
  );
}
