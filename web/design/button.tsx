import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import './button.css';

type Kind = 'primary' | 'plain' | 'quiet' | 'gold' | 'danger' | 'glass';

type ButtonProps = Omit<ButtonHTMLAttributes, 'size'> & {
  kind?: Kind;
  size?: 'small' | 'normal' | 'big';
  icon?: IconName;
  /** A request is under way: the button keeps its width and the focus, and takes no second press. */
  busy?: boolean;
  wide?: boolean;
  children?: ComponentChildren;
};

export function Button(props: ButtonProps) {
  const { kind = 'plain', size = 'normal', icon, busy = false, wide = false, onClick, children, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      class={['button', `button--${kind}`, `button--${size}`, wide && 'button--wide', busy && 'button--busy']
        .filter(Boolean)
        .join(' ')}
      aria-disabled={busy ? true : undefined}
      aria-busy={busy}
      onClick={busy ? refuse : onClick}
    >
      {icon && <Icon name={icon} sizePx={size === 'small' ? 16 : 18} />}
      {children !== undefined && <span class="button__text">{children}</span>}
    </button>
  );
}

/** Not the attribute `disabled`: with it the focus is lost, and whoever uses a keyboard begins at the top. */
const refuse = (event: Event): void => event.preventDefault();

type IconButtonProps = Omit<ButtonHTMLAttributes, 'size' | 'label'> & {
  icon: IconName;
  /** What it does, for those who do not see the picture; also its tooltip. */
  label: string;
  kind?: 'plain' | 'glass' | 'quiet';
  filled?: boolean;
  sizePx?: number;
};

export function IconButton({ icon, label, kind = 'quiet', filled = false, sizePx = 20, ...rest }: IconButtonProps) {
  return (
    <button type="button" {...rest} class={`icon-button icon-button--${kind}`} aria-label={label} title={label}>
      <Icon name={icon} sizePx={sizePx} filled={filled} />
    </button>
  );
}
