import { Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { studioTexts } from '../studio.messages.ts';

/** The host's choice, for all their rooms, about guests who come from where somebody was banned. */
export function KeepOut() {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const { loaded, again, set } = useLoaded(() => ask('moderation:settings', { roomId }), [roomId]);
  const { problem, busy, submit } = useSubmit(async () => {
    if (loaded.state !== 'ready') return undefined;
    const before = loaded.value;
    const wished = { keepOutNewGuests: !before.keepOutNewGuests };
    set(wished); // Shown at once; a refusal takes it back.
    try {
      set(await ask('moderation:configure', { roomId, ...wished }));
    } catch (error) {
      set(before);
      throw error;
    }
    return undefined;
  });
  if (loaded.state === 'loading') return <Skeleton height={40} />;
  if (loaded.state === 'failed') return <Failure error={loaded.error} onAgain={() => void again()} />;
  return (
    <section>
      <Tick label={t.keepOut} checked={loaded.value.keepOutNewGuests} disabled={busy} onTick={() => void submit()} />
      <p class="quiet small">{t.keepOutText}</p>
      <Problem text={problem} />
    </section>
  );
}
