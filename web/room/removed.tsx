import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import type { RemovedReason } from '../../shared/protocol/room.ts';
import { roomTexts } from './room.messages.ts';

const minuteMs = 60_000;

type RemovedProps = { reason: RemovedReason; untilMs: number | null; onAgain: () => void };

/** Whoever was put out of a room is told so, and why, and when they may come back. */
export function Removed({ reason, untilMs, onAgain }: RemovedProps) {
  const t = useMessages(roomTexts);
  const shell = useMessages(shellTexts);
  if (untilMs === null)
    return (
      <Notice icon="close" title={t.removedTitle} text={t[reason]}>
        <Link to="/" class="button button--primary button--normal">
          {shell.home}
        </Link>
      </Notice>
    );
  // Minutes are shown: in the one that is named they may.
  const when = dayAndTime(Math.ceil(untilMs / minuteMs) * minuteMs);
  return (
    <Notice icon="close" title={t.removedTitle} text={`${t[reason]} ${t.mayComeBack(when)}`}>
      <Button kind="primary" onClick={onAgain}>
        {t.comeBack}
      </Button>
      <Link to="/" class="button button--plain button--normal">
        {shell.home}
      </Link>
    </Notice>
  );
}
