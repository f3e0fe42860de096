import { IconButton } from '../../design/button.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { studioTexts } from '../studio.messages.ts';

/** `onMove`: one place up (-1) or down (1). */
type Props = { isFirst: boolean; isLast: boolean; onMove: (step: -1 | 1) => void };

/** For thumbs and keys, which can't drag. */
export function MoveButtons({ isFirst, isLast, onMove }: Props) {
  const t = useMessages(studioTexts);
  return (
    <span class="running-item__move">
      <IconButton icon="up" sizePx={16} label={t.moveUp} disabled={isFirst} onClick={() => onMove(-1)} />
      <IconButton icon="down" sizePx={16} label={t.moveDown} disabled={isLast} onClick={() => onMove(1)} />
    </span>
  );
}
