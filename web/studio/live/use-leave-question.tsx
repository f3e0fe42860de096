import { useEffect } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { guardLeaving } from '../../router/router.tsx';
import { studioTexts } from '../studio.messages.ts';
import { staysOnAir } from './on-air-room.ts';

/** Asks before this page is left and the picture of the show that is on the air, if one is, ends. Returns what to render. */
export function useLeaveQuestion(onAirId: string | null) {
  const t = useMessages(studioTexts);
  const { ask, dialog } = useQuestion();
  useEffect(() => {
    if (onAirId === null) return;
    return guardLeaving((to, go) => {
      if (staysOnAir(to, onAirId)) return go();
      ask({ title: t.leaveTitle, explanation: t.leaveText, yes: t.leaveYes, danger: true, onYes: go });
    });
  }, [onAirId, t]);
  useEffect(() => {
    if (onAirId === null) return;
    const askToStay = (event: BeforeUnloadEvent) => event.preventDefault(); // The browser has words of its own.
    addEventListener('beforeunload', askToStay);
    return () => removeEventListener('beforeunload', askToStay);
  }, [onAirId]);
  return dialog;
}
