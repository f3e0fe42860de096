import type { ComponentChildren } from 'preact';
import { messages, useMessages } from '../i18n/messages.ts';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import './over-bar.css';

type Props = {
  tone?: 'plain' | 'gold';
  icon?: IconName;
  /** The one thing that can be done about it. */
  act?: ComponentChildren;
  /** Puts it away; without it, it stays. */
  onClose?: () => void;
  children: ComponentChildren;
};

/** One sentence that lies over whatever page is open, until something is done about it or it is put away. */
export function OverBar({ tone = 'plain', icon, act, onClose, children }: Props) {
  const t = useMessages(texts);
  return (
    <div class={`over-bar over-bar--${tone}`} role="alert">
      {icon && <Icon name={icon} sizePx={18} />}
      <p class="grow user-text">{children}</p>
      {act}
      {onClose && <IconButton icon="close" label={t.close} onClick={onClose} />}
    </div>
  );
}

const texts = messages({ close: 'Put this away' }, { close: '收起' });
