import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useMessages } from '../i18n/messages.ts';
import { Link } from '../router/router.tsx';
import { sayError } from '../session/say-error.ts';
import { shellTexts } from './shell.messages.ts';

/** Trying again changes nothing about these. */
const finalCodes: readonly ErrorCode[] = ['NOT_FOUND', 'FORBIDDEN'];

/** A view that could not be loaded: what happened, and the way on. */
export function Failure({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const t = useMessages(shellTexts);
  const isFinal = error instanceof AppError && finalCodes.includes(error.code);
  return (
    <Notice icon="globe" title={t.failed} text={sayError(error)}>
      {isFinal ? (
        <Link to="/" class="button button--primary button--normal">
          {t.home}
        </Link>
      ) : (
        <Button kind="primary" onClick={onAgain}>
          {t.again}
        </Button>
      )}
    </Notice>
  );
}
