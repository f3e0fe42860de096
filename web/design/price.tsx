import type { Money } from '../../shared/money.ts';
import { money } from '../i18n/format.ts';
import { messages, useMessages } from '../i18n/messages.ts';
import './price.css';

/** A price, and the list price struck where it is higher. */
export function Price({ price, listPrice }: { price: Money; listPrice?: Money | null }) {
  const t = useMessages(texts);
  const isLower = listPrice && listPrice.currency === price.currency && listPrice.minor > price.minor;
  return (
    <span class="price numbers">
      <strong>{money(price)}</strong>
      {isLower && (
        <s>
          <span class="visually-hidden">{t.before} </span>
          {money(listPrice)}
        </s>
      )}
    </span>
  );
}

const texts = messages({ before: 'list price' }, { before: '原价' });
