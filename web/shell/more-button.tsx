import { Button } from '../design/button.tsx';
import { Problem } from '../design/problem.tsx';
import { useMessages } from '../i18n/messages.ts';
import { sayError } from '../session/say-error.ts';
import type { Loaded } from '../state/use-loaded.ts';
import type { Pages } from '../state/pages.ts';
import { shellTexts } from './shell.messages.ts';

type Props = { of: { loaded: Loaded<Pages<unknown>>; more: () => void; isBusy: boolean; problem: unknown } };

/** The foot of a listing: what could not be read of it, and the way on, if there is one. */
export function MoreButton({ of: { loaded, more, isBusy, problem } }: Props) {
  const t = useMessages(shellTexts);
  if (loaded.state !== 'ready') return null;
  return (
    <>
      <Problem text={problem === null ? undefined : sayError(problem)} />
      {loaded.value.next !== null && (
        <Button busy={isBusy} onClick={more}>
          {t.more}
        </Button>
      )}
    </>
  );
}
