import type { Money } from '../../shared/money.ts';
import { money } from '../i18n/format.ts';
import { messages, useMessages } from '../i18n/messages.ts';
import './price.css';

/** A price, and the one of before struck where it was higher. */
export function Price({ price, before }: { price: Money; before?: Money | null }) {
  const t = useMessages(texts);
  const isLower = before && before.currency === price.currency && before.minor > price.minor;
  return (
    <span class="price numbers">
      <strong>{money(price)}</strong>
      {isLower && (
        <s>
          <span class="visually-hidden">{t.before} </span>
          {money(before)}
        </s>
      )}
    </span>
  );
}

const texts = messages({ before: 'price before' }, { before: '原价' });
