import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { Copyable } from '../../design/copyable.tsx';
import { Problem } from '../../design/problem.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Output } from '../../../shared/protocol/index.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';

type MadeKey = Output<'media:make-stream-key'>;

type Known = NonNullable<Output<'media:stream-key'>['streamKey']>;

/** Address and key for OBS and other programs. The key is shown when it is made, and never again. `isUsed`: a picture comes. */
export function StreamKey({ room: { roomId, state }, isUsed }: { room: Room; isUsed: boolean }) {
  const t = useMessages(studioTexts);
  const [made, setMade] = useState<MadeKey | null>(null);
  const { loaded, again } = useLoaded(() => ask('media:stream-key', { roomId }), [roomId], [isUsed, state]);
  const make = () => void ask('media:make-stream-key', { roomId }).then(setMade, complain);
  const revoke = async () => {
    await ask('media:revoke-stream-key', { roomId }).catch(complain);
    setMade(null);
    await again();
  };
  const question = useQuestion();
  const askFirst = { explanation: t.keyCutText, danger: true };
  if (loaded.state === 'loading') return <Skeleton height={120} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  const existing = loaded.value.streamKey;
  const hasKey = existing !== null || made !== null;
  const renew = () => question.ask({ ...askFirst, title: t.newKeyTitle, yes: t.newKey, onYes: make });
  const askRevoke = () =>
    question.ask({ ...askFirst, title: t.revokeKeyTitle, yes: t.revokeKey, onYes: () => void revoke() });
  return (
    <div class="stack">
      {made && (
        <>
          <Copyable label={t.whip} text={new URL(made.whipUrl, location.origin).href} />
          <Copyable label={t.key} text={made.streamKey} />
          <p class="quiet small">{t.keyHint}</p>
        </>
      )}
      {!hasKey && <p class="quiet small">{t.noKey}</p>}
      {existing && !isUsed && <LastEnd {...existing} />}
      {!made && existing && <p class="quiet">{t.keyExists(dayAndTime(existing.createdAtMs))}</p>}
      <div class="row row--wrap">
        <Button size="small" kind={made ? 'plain' : 'primary'} onClick={hasKey ? renew : make}>
          {hasKey ? t.newKey : t.makeKey}
        </Button>
        {hasKey && (
          <Button size="small" kind="danger" onClick={askRevoke}>
            {t.revokeKey}
          </Button>
        )}
      </div>
      {question.dialog}
    </div>
  );
}

/** Why the program sends no more, where that is not what the host did themselves. */
function LastEnd({ lastEnd }: Known) {
  const t = useMessages(studioTexts);
  const why = lastEnd && lastEnd.reason in t.keyEnds && t.keyEnds[lastEnd.reason as keyof typeof t.keyEnds];
  return why ? <Problem text={t.keyEnd(dayAndTime(lastEnd.atMs), why)} /> : null;
}
