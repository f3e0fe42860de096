import { Icon } from '../design/icon.tsx';
import { count } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { useSelected } from '../state/store.ts';
import { useRoom } from './room-context.ts';
import { roomTexts } from './room.messages.ts';

export function ViewerCount() {
  const t = useMessages(roomTexts);
  const viewers = useSelected(useRoom().figures, ({ viewers: now }) => (typeof now === 'number' ? now : 0));
  return (
    <span class="viewer-count numbers">
      <Icon name="eye" sizePx={14} />
      <span aria-hidden="true">{count(viewers)}</span>
      <span class="visually-hidden">{t.viewers(count(viewers))}</span>
    </span>
  );
}
