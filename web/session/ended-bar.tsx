import { Button } from '../design/button.tsx';
import { OverBar } from '../design/over-bar.tsx';
import { useMessages } from '../i18n/messages.ts';
import { useStore } from '../state/store.ts';
import { ended } from './ended.ts';
import { errorTexts } from './errors.messages.ts';
import { signInHere } from './sign-in-sheet.tsx';
import { sessionTexts } from './session.messages.ts';

/** The connection will not come back by itself: why, and the one thing that helps. */
export function EndedBar() {
  const t = useMessages(sessionTexts);
  const reasons = useMessages(errorTexts);
  const what = useStore(ended);
  if (!what) return null;
  if (what.mend === 'reload')
    return (
      <OverBar
        act={
          <Button size="small" kind="primary" onClick={() => location.reload()}>
            {t.reload}
          </Button>
        }
      >
        {reasons[what.code]}
      </OverBar>
    );
  return (
    <OverBar
      onClose={() => ended.set(null)}
      act={
        <Button size="small" kind="primary" onClick={() => void signInHere()}>
          {t.signIn}
        </Button>
      }
    >
      {reasons[what.code]}
    </OverBar>
  );
}
