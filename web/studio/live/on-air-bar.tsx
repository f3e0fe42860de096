import { useEffect } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Bar } from '../../design/bar.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { guardLeaving, Link } from '../../router/router.tsx';
import { studioTexts } from '../studio.messages.ts';
import { staysOnAir } from './on-air-room.ts';

/** Beside the other parts of the studio while a picture is sent: says so, leads back, and asks before a link ends it. */
export function OnAirBar({ roomId, isBack }: { roomId: string; isBack: boolean }) {
  const t = useMessages(studioTexts);
  const { ask, dialog } = useQuestion();
  useEffect(
    () =>
      guardLeaving((to, go) => {
        if (staysOnAir(to, roomId)) return go();
        ask({ title: t.leaveTitle, explanation: t.leaveText, yes: t.leaveYes, danger: true, onYes: go });
      }),
    [roomId, t],
  );
  return (
    <>
      {!isBack && (
        <Bar tone="good">
          {t.stillOnAir}{' '}
          <Link to={`/studio/live/${roomId}`} class="button button--plain button--small">
            {t.backToShow}
          </Link>
        </Bar>
      )}
      {dialog}
    </>
  );
}
