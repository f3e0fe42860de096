import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { ChangedMeanwhile } from '../changed-meanwhile.tsx';
import { studioTexts } from '../studio.messages.ts';
import { ChooseProducts } from './choose-products.tsx';
import { saveShow } from './save-show.ts';
import { OpenToTick, ShowFields, useShowFields } from './show-fields.tsx';

/** Another title, cover, time or list. Whoever rang the bell of a show that moves is told by the server. */
export function EditShow({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useMessages(studioTexts);
  /** As it was when the form opened, or when its writer chose to see what others made of it. */
  const [before, setBefore] = useState(room);
  return (
    <Sheet shape="dialog" title={t.editShow} onClose={onClose}>
      <EditForm key={before.version} before={before} now={room} onReread={setBefore} onClose={onClose} />
    </Sheet>
  );
}

type FormProps = { before: Room; now: Room; onReread: (theirs: Room) => void; onClose: () => void };

function EditForm({ before, now, onReread, onClose }: FormProps) {
  const t = useMessages(studioTexts);
  const [theirs, setTheirs] = useState<Room | null>(null);
  const fields = useShowFields(before);
  const isToCome = now.state === 'scheduled';

  const { problem, busy, onSubmit } = useSubmit(async () => {
    const { title, coverUrl, scheduledAtMs, productIds, openTo } = fields.told;
    // The field knows minutes; a time nobody touched must not move by its seconds.
    const isMoved = isToCome && minuteOf(scheduledAtMs) !== minuteOf(before.scheduledAtMs);
    const changes = {
      ...(title !== before.title && { title }),
      ...(coverUrl !== before.coverUrl && { coverUrl }),
      ...(isMoved && { scheduledAtMs }),
      ...(productIds.join() !== before.productIds.join() && { productIds }),
      ...(isToCome && openTo !== before.openTo && { openTo }),
    };
    const conflict = Object.keys(changes).length > 0 ? await saveShow(changes, theirs ?? before, now) : null;
    setTheirs(conflict);
    if (!conflict) onClose();
    return undefined;
  });
  return (
    <>
      <form class="stack" onSubmit={onSubmit}>
        <ShowFields fields={fields} hasTime={isToCome} />
        {isToCome && !before.rehearsal && <OpenToTick fields={fields} />}
        <Problem text={problem} />
        {theirs ? (
          <ChangedMeanwhile busy={busy} onReread={() => onReread(theirs)} />
        ) : (
          <Button type="submit" kind="primary" size="big" wide busy={busy}>
            {t.save}
          </Button>
        )}
      </form>
      {/* Not in the form, which its search field would send. */}
      {fields.planning.isChoosing && <ChooseProducts hostId={before.hostId} planning={fields.planning} />}
    </>
  );
}

const minuteOf = (atMs: number | null): number | null => (atMs === null ? null : Math.floor(atMs / 60_000));
