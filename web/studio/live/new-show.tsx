import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Tick } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { studioTexts } from '../studio.messages.ts';
import { ShowFields, useShowFields } from './show-fields.tsx';

export function NewShow({ onClose, onMade }: { onClose: () => void; onMade: (room: Room) => void }) {
  const t = useMessages(studioTexts);
  const fields = useShowFields();
  const [rehearsal, setRehearsal] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { keyOf } = useRequestKey();
  const [busy, setBusy] = useState(false);

  const make = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const show = { ...fields.told, rehearsal };
      onMade(await ask('room:create', { ...show, requestKey: keyOf(show) }));
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet shape="dialog" title={t.newShow} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void make(event)}>
        <ShowFields fields={fields} />
        <Tick label={t.rehearsal} checked={rehearsal} onTick={setRehearsal} />
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.create}
        </Button>
      </form>
    </Sheet>
  );
}
