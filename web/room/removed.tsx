import { Button } from '../design/button.tsx';
import { Countdown, useTimeLeft } from '../design/countdown.tsx';
import { Notice } from '../design/notice.tsx';
import { dayAndTime } from '../i18n/format.ts';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { shellTexts } from '../shell/shell.messages.ts';
import type { RemovedReason } from '../../shared/protocol/room.ts';
import { withReason } from './chat-refusal.ts';
import { roomTexts } from './room.messages.ts';

const minuteMs = 60_000;
/** Up to here the time that is left says more than the hour of the day, ms. */
const countedMsMax = 60 * minuteMs;

/** `why`: what a moderator wrote about it. `tries`: how often this person has asked to be let in again since. */
type RemovedProps = {
  reason: RemovedReason | 'fans-only';
  untilMs: number | null;
  why: string | null;
  tries: number;
  onAgain: () => void;
};

/** Whoever was put out of a room is told so, and why, and when they may come back; and when they try and may not, that too. */
export function Removed({ reason, untilMs, why, tries, onAgain }: RemovedProps) {
  const t = useMessages(roomTexts);
  const shell = useMessages(shellTexts);
  const text = withReason(t[reason === 'fans-only' ? 'not_member' : reason], why, t);
  const home = (kind: 'primary' | 'plain') => (
    <Link to="/" class={`button button--${kind} button--normal`}>
      {shell.home}
    </Link>
  );
  if (untilMs === null)
    return (
      <Notice icon="close" title={t.removedTitle} text={text}>
        {home('primary')}
      </Notice>
    );
  return (
    <Notice icon="close" title={t.removedTitle} text={text}>
      <p class="removed__when" role={tries > 0 ? 'alert' : undefined}>
        {tries > 0 && <strong>{t.stillOut} </strong>}
        <When untilMs={untilMs} />
      </p>
      <Button kind="primary" onClick={onAgain}>
        {t.comeBack}
      </Button>
      {home('plain')}
    </Notice>
  );
}

function When({ untilMs }: { untilMs: number }) {
  const t = useMessages(roomTexts);
  const leftMs = useTimeLeft(untilMs);
  if (leftMs === 0) return <>{t.mayNow}</>;
  // Minutes are shown: in the one that is named they may.
  if (leftMs > countedMsMax) return <>{t.mayComeBack(dayAndTime(Math.ceil(untilMs / minuteMs) * minuteMs))}</>;
  return (
    <>
      {t.mayComeBackIn} <Countdown untilMs={untilMs} />
    </>
  );
}
