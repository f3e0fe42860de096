import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';
import './notice.css';

type NoticeProps = { icon: IconName; title: string; text?: string; children?: ComponentChildren };

/** What stands where there is nothing else to show: nothing yet, something failed, it is over. Says what to do next. */
export function Notice({ icon, title, text, children }: NoticeProps) {
  return (
    <section class="notice">
      <span class="notice__icon">
        <Icon name={icon} sizePx={28} />
      </span>
      <h2>{title}</h2>
      {text && <p class="quiet">{text}</p>}
      {children && <div class="row row--wrap notice__ways">{children}</div>}
    </section>
  );
}
