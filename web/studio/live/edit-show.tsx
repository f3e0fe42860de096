import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { ShowFields, useShowFields } from './show-fields.tsx';

/** Another title, cover or time. Whoever rang the bell of a show that moves is told by the server. */
export function EditShow({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useMessages(studioTexts);
  /** As it was when the form opened: what others changed meanwhile stays. */
  const [before] = useState(room);
  const fields = useShowFields(before);
  const isToCome = room.state === 'scheduled';

  const { problem, busy, onSubmit } = useSubmit(async () => {
    const { title, coverUrl, scheduledAtMs } = fields.told;
    // The field knows minutes; a time nobody touched must not move by its seconds.
    const isMoved = isToCome && minuteOf(scheduledAtMs) !== minuteOf(before.scheduledAtMs);
    const changes = {
      ...(title !== before.title && { title }),
      ...(coverUrl !== before.coverUrl && { coverUrl }),
      ...(isMoved && { scheduledAtMs }),
    };
    if (Object.keys(changes).length > 0) await ask('room:edit', { roomId: room.roomId, ...changes });
    onClose();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.editShow} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <ShowFields fields={fields} hasTime={isToCome} />
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.save}
        </Button>
      </form>
    </Sheet>
  );
}

const minuteOf = (atMs: number | null): number | null => (atMs === null ? null : Math.floor(atMs / 60_000));
