import { Button } from '../../design/button.tsx';
import { Skeleton } from '../../design/skeleton.tsx';
import { dayAndTime } from '../../i18n/format.ts';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { MoreButton } from '../../shell/more-button.tsx';
import type { Pages } from '../../state/pages.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
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
  const { place, focusPlace } = useFocusPlace<HTMLHeadingElement>();
  const lift = ({ personId, kind }: Sanction) =>
    void ask('moderation:lift', { roomId, personId, kind }).then(() => {
      again();
      focusPlace();
    }, complain);
  return (
    <section class="stack">
      <h3 ref={place} tabIndex={-1}>
        {t.sanctioned}
      </h3>
      {loaded.state === 'loading' && <Skeleton height={40} />}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={again} />}
      {loaded.state === 'ready' && loaded.value.rows.length === 0 && <p class="quiet small">{t.sanctionedNobody}</p>}
      {loaded.state === 'ready' &&
        loaded.value.rows.map((sanction) => (
          <div key={sanction.sanctionId} class="row">
            <div class="grow user-text">
              <p>
                <strong>{sanction.name}</strong> · {t.sanctions[sanction.kind]}
                {sanction.everywhere && ` ${t.everywhere}`}
              </p>
              <p class="quiet small">
                {sanction.untilMs !== null && `${t.until(dayAndTime(sanction.untilMs))} `}
                {t.spokenBy(sanction.byName)}
                {sanction.reason && ` · ${sanction.reason}`}
              </p>
            </div>
            {(isHost || !sanction.everywhere) && (
              <Button size="small" aria-label={t.liftOf(sanction.name)} onClick={() => lift(sanction)}>
                {t.lift}
              </Button>
            )}
          </div>
        ))}
      <MoreButton of={pages} />
    </section>
  );
}
