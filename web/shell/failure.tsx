import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { sayError } from '../session/say-error.ts';
import { shellTexts } from './shell.messages.ts';

/** A view that could not be loaded: what happened, and the way to try again. */
export function Failure({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const t = useMessages(shellTexts);
  return (
    <Notice icon="globe" title={t.failed} text={sayError(error)}>
      <Button kind="primary" onClick={onAgain}>
        {t.again}
      </Button>
    </Notice>
  );
}
