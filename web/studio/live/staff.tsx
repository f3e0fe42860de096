import { Button } from '../../design/button.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useRoom } from '../../room/room-context.ts';
import { complain } from '../../session/complain.ts';
import { Failure } from '../../shell/failure.tsx';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { useLoaded } from '../../state/use-loaded.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { AddHelper } from './add-helper.tsx';

/** Who helps in a show, as what; the host chooses them, also before it and for a rehearsal. */
export function Staff({ room, isHost }: { room: Room; isHost: boolean }) {
  const t = useMessages(studioTexts);
  const { ask, roomId } = useRoom();
  const { loaded, again } = useLoaded(async () => (await ask('room:staff', { roomId })).staff, [room.version]);
  const { place, focusPlace } = useFocusPlace<HTMLHeadingElement>();
  const dismiss = (personId: string) =>
    void ask('room:set-staff', { roomId, personId, role: null })
      .then(() => again(), complain)
      .then(focusPlace);
  return (
    <section class="stack">
      <h3 ref={place} tabIndex={-1}>
        {t.staff}
      </h3>
      {isHost && <p class="quiet small">{t.staffHint}</p>}
      {loaded.state === 'failed' && <Failure error={loaded.error} onAgain={() => void again()} />}
      {loaded.state === 'ready' &&
        loaded.value.map(({ personId, name, role }) => (
          <p key={personId} class="row">
            <span class="grow user-text">
              {name} · {t.roles[role]}
            </span>
            {isHost && (
              <Button size="small" onClick={() => dismiss(personId)}>
                {t.removeStaff}
              </Button>
            )}
          </p>
        ))}
      {isHost && loaded.state === 'ready' && (
        <AddHelper
          key={loaded.value.map(({ personId }) => personId).join()}
          onAdded={() => void again().then(focusPlace)}
        />
      )}
    </section>
  );
}
