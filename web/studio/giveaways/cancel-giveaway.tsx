import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { sectionTexts } from '../section.messages.ts';

/** Before the close only, with a reason that everybody can read for ever. */
export function CancelGiveaway({ giveawayId, onDone }: { giveawayId: string; onDone: () => void }) {
  const t = useMessages(sectionTexts);
  const [reason, setReason] = useState('');
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const { outcome } = await ask('giveaway:cancel', { giveawayId, reason });
    onDone();
    return outcome === 'too_late' ? t.cancelTooLate : undefined;
  });
  return (
    <details>
      <summary>{t.cancelGiveaway}</summary>
      <form class="row announce" onSubmit={onSubmit}>
        <TextField label={t.cancelReason} required maxLength={500} value={reason} onText={setReason} />
        <Button type="submit" kind="danger" size="small" busy={busy}>
          {t.cancelGiveaway}
        </Button>
      </form>
      <Problem text={problem} />
    </details>
  );
}
