import type { ComponentChildren } from 'preact';
import type { CoHost, SessionEnd } from '../../shared/protocol/media.ts';
import { Button } from '../design/button.tsx';
import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { Icon } from '../design/icon.tsx';
import { useMessages } from '../i18n/messages.ts';
import { coHostTexts } from './co-host.messages.ts';

type Props = {
  mine: CoHost;
  hostName: string;
  /** Why what one sent is sent no more, where one was on camera from this page. */
  why: SessionEnd | null;
  busy: boolean;
  onLook: () => void;
  onDecline: () => void;
};

/** The question whether one wants to be on camera; to whom said yes before, whether again. */
export function Invitation({ mine: { untilMs }, why, ...rest }: Props) {
  const t = useMessages(coHostTexts);
  if (untilMs !== null) return <Unanswered untilMs={untilMs} {...rest} />;
  return (
    <Asking {...rest} decline={t.giveBack} join={t.backOn}>
      {why === null ? t.mayReturn : why === 'taken-over' ? t.takenOver : t.stopped}
    </Asking>
  );
}

function Unanswered({ untilMs, ...rest }: Omit<Props, 'mine' | 'why'> & { untilMs: number }) {
  const t = useMessages(coHostTexts);
  if (useTimeLeft(untilMs) === 0) return null;
  return (
    <Asking {...rest} decline={t.decline} join={t.join}>
      {t.invited(rest.hostName)}{' '}
      <span class="quiet">
        <Countdown untilMs={untilMs} />
      </span>
    </Asking>
  );
}

type AskingProps = Omit<Props, 'mine' | 'why'> & { decline: string; join: string; children: ComponentChildren };

function Asking({ busy, onLook, onDecline, decline, join, children }: AskingProps) {
  return (
    <div class="co-host-bar" role="status">
      <Icon name="camera" />
      <p class="grow user-text">{children}</p>
      <Button size="small" kind="quiet" busy={busy} onClick={onDecline}>
        {decline}
      </Button>
      <Button size="small" kind="primary" busy={busy} onClick={onLook}>
        {join}
      </Button>
    </div>
  );
}
