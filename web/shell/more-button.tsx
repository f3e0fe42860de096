import { Button } from '../design/button.tsx';
import { useMessages } from '../i18n/messages.ts';
import { sayError } from '../session/say-error.ts';
import type { Loaded } from '../state/use-loaded.ts';
import type { Pages } from '../state/pages.ts';
import { shellTexts } from './shell.messages.ts';

type Props = { of: { loaded: Loaded<Pages<unknown>>; more: () => void; isBusy: boolean; problem: unknown } };

/** The way on at the foot of a listing, if there is one. */
export function MoreButton({ of: { loaded, more, isBusy, problem } }: Props) {
  const t = useMessages(shellTexts);
  if (loaded.state !== 'ready' || loaded.value.next === null) return null;
  return (
    <>
      {problem !== null && (
        <p class="problem" role="alert">
          {sayError(problem)}
        </p>
      )}
      <Button busy={isBusy} onClick={more}>
        {t.more}
      </Button>
    </>
  );
}
