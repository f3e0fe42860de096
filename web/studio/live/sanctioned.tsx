import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import type { Pages } from '../../state/pages.ts';
import { usePages } from '../../state/use-pages.ts';
import type { Sanction } from '../../../shared/protocol/moderation.ts';
import { studioTexts } from '../studio.messages.ts';

const rows = 50;

/** Who may not write or not come in, until when, and the way back for them. What counts in all rooms of the host, the host lifts. */
export function Sanctioned({ isHost }: { isHost: boolean }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const read = async (after: string | null): Promise<Pages<Sanction>> => {
    const { sanctions } = await ask('moderation:list', { roomId, rows, ...(after === null ? {} : { before: after }) });
    return { rows: sanctions, next: sanctions.length === rows ? sanctions.at(-1)!.sanctionId : null };
  };
  const pages = usePages({ read, idOf: ({ sanctionId }) => sanctionId }, [roomId]);
  const { loaded, again } = pages;
  const lift = ({ personId, kind }: Sanction) =>
    void ask('moderation:lift', { roomId, personId, kind }).then(() => again(), complain);
  return (
    <section class="stack">
      <h3>{t.sanctioned}</h3>
      {loaded.state === 'loading' && <Skeleton height={40} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={again} />}
      {loaded.state === 'ready' && loaded.value.rows.length === 0 && <p class="quiet small">{t.sanctionedNobody}</p>}
      {loaded.state === 'ready' &&
        loaded.value.rows.map((sanction) => (
          <p key={sanction.sanctionId} class="row">
            <span class="grow user-text">
              {sanction.name} · {t.sanctions[sanction.kind]}
              {sanction.everywhere && <span class="quiet small"> {t.everywhere}</span>}
              {sanction.untilMs !== null && <span class="quiet small"> {t.until(dayAndTime(sanction.untilMs))}</span>}
              <span class="quiet small"> {t.spokenBy(sanction.byName)}</span>
              {sanction.reason && <span class="quiet small"> · {sanction.reason}</span>}
            </span>
            {(isHost || !sanction.everywhere) && (
              <Button size="small" aria-label={t.liftOf(sanction.name)} onClick={() => lift(sanction)}>
                {t.lift}
              </Button>
            )}
          </p>
        ))}
      <MoreButton of={pages} />
    </section>
  );
}
