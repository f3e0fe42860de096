import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { saleTexts } from '../sale/sale.messages.ts';
import { useStore } from '../state/store.ts';
import { inBag } from './offers.ts';
import { useRoom } from './room-context.ts';

export function BagButton({ onOpen }: { onOpen: () => void }) {
  const t = useMessages(saleTexts);
  const items = inBag(useStore(useRoom().offers)).length;
  return (
    <button type="button" class="bag-button" onClick={onOpen} aria-label={t.bagWith(items)} title={t.bag}>
      <Icon name="bag" sizePx={24} />
      {items > 0 && <span class="bag-button__count numbers">{items}</span>}
    </button>
  );
}
