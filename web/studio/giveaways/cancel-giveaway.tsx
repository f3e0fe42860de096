import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { toast } from '../../design/toast.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { sectionTexts } from '../section.messages.ts';

/** Before the close only, with a reason that everybody can read for ever. */
export function CancelGiveaway({ giveawayId, onDone }: { giveawayId: string; onDone: () => void }) {
  const t = useMessages(sectionTexts);
  const [reason, setReason] = useState('');
  const cancel = (event: Event) => {
    event.preventDefault();
    void ask('giveaway:cancel', { giveawayId, reason }).then(onDone, (error: unknown) => toast(sayError(error), 'bad'));
  };
  return (
    <details>
      <summary>{t.cancelGiveaway}</summary>
      <form class="row announce" onSubmit={cancel}>
        <TextField label={t.cancelReason} required maxLength={500} value={reason} onText={setReason} />
        <Button type="submit" kind="danger" size="small">
          {t.cancelGiveaway}
        </Button>
      </form>
    </details>
  );
}
