import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { ShowFields, useShowFields } from './show-fields.tsx';

/** Another title, cover or time. Whoever rang the bell of a show that moves is told by the server. */
export function EditShow({ room, onClose }: { room: Room; onClose: () => void }) {
  const t = useMessages(studioTexts);
  const fields = useShowFields(room);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const isToCome = room.state === 'scheduled';

  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    const { title, coverUrl, scheduledAtMs } = fields.told;
    // The field knows minutes; a time nobody touched must not move by its seconds.
    const isMoved = isToCome && minuteOf(scheduledAtMs) !== minuteOf(room.scheduledAtMs);
    try {
      await ask('room:edit', { roomId: room.roomId, title, coverUrl, ...(isMoved ? { scheduledAtMs } : {}) });
      onClose();
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet shape="dialog" title={t.editShow} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void save(event)}>
        <ShowFields fields={fields} hasTime={isToCome} />
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.save}
        </Button>
      </form>
    </Sheet>
  );
}

const minuteOf = (atMs: number | null): number | null => (atMs === null ? null : Math.floor(atMs / 60_000));
