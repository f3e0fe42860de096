import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Tick } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Room } from '../../../shared/protocol/room.ts';
import { myShopId } from '../shop.ts';
import { studioTexts } from '../studio.messages.ts';
import { ChooseProducts } from './choose-products.tsx';
import { OpenToTick, ShowFields, useShowFields } from './show-fields.tsx';

export function NewShow({ onClose, onMade }: { onClose: () => void; onMade: (room: Room) => void }) {
  const t = useMessages(studioTexts);
  const fields = useShowFields(null);
  const [rehearsal, setRehearsal] = useState(false);
  const { keyOf } = useRequestKey();
  const { problem, busy, onSubmit } = useSubmit(async () => {
    // A rehearsal is for those who help, whatever was chosen before.
    const show = { ...fields.told, rehearsal, ...(rehearsal && { openTo: 'everyone' as const }) };
    onMade(await ask('room:create', { ...show, requestKey: keyOf(show) }));
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.newShow} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <ShowFields fields={fields} />
        {!rehearsal && <OpenToTick fields={fields} />}
        <Tick label={t.rehearsal} checked={rehearsal} onTick={setRehearsal} />
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.create}
        </Button>
      </form>
      {/* Not in the form, which its search field would send. */}
      {fields.planning.isChoosing && <ChooseProducts hostId={myShopId()} planning={fields.planning} />}
    </Sheet>
  );
}
