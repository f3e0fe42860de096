import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Sanction } from '../../../shared/protocol/moderation.ts';
import { studioTexts } from '../studio.messages.ts';

/** Who may not write or not come in, until when, and the way back for them. What counts in all rooms of the host, the host lifts. */
export function Sanctioned({ isHost }: { isHost: boolean }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const { loaded, again } = useLoaded(async () => (await ask('moderation:list', { roomId })).sanctions, [roomId]);
  const lift = ({ personId, kind }: Sanction) =>
    void ask('moderation:lift', { roomId, personId, kind }).then(() => again(), complain);
  return (
    <section class="stack">
      <h3>{t.sanctioned}</h3>
      {loaded.state === 'loading' && <Skeleton height={40} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' && loaded.value.length === 0 && <p class="quiet small">{t.sanctionedNobody}</p>}
      {loaded.state === 'ready' &&
        loaded.value.map((sanction) => (
          <p key={`${sanction.personId} ${sanction.kind} ${sanction.everywhere}`} class="row">
            <span class="grow user-text">
              {sanction.name} · {t.sanctions[sanction.kind]}
              {sanction.everywhere && <span class="quiet small"> {t.everywhere}</span>}
              {sanction.untilMs !== null && <span class="quiet small"> {t.until(dayAndTime(sanction.untilMs))}</span>}
            </span>
            {(isHost || !sanction.everywhere) && (
              <Button size="small" aria-label={t.liftOf(sanction.name)} onClick={() => lift(sanction)}>
                {t.lift}
              </Button>
            )}
          </p>
        ))}
    </section>
  );
}
