import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Choice, TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Sku } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { StockMovements } from './stock-movements.tsx';

const reasons = ['received', 'correction', 'damaged', 'lost', 'gift'] as const;
type Reason = (typeof reasons)[number];

type Props = { title: string; sku: Sku; onClose: () => void; onDone: () => void };

/** Moves free stock, with a reason that stays on record. `title`: of the product. */
export function StockForm({ title, sku, onClose, onDone }: Props) {
  const t = useMessages(sectionTexts);
  const [delta, setDelta] = useState('10');
  const [reason, setReason] = useState<Reason>('received');
  const [note, setNote] = useState('');
  const { keyOf, done } = useRequestKey();
  const { problem, busy, onSubmit } = useSubmit(async () => {
    const move = { skuId: sku.skuId, deltaUnits: Number(delta), reason, note };
    const { outcome } = await ask('stock:adjust', { ...move, requestKey: keyOf(move) });
    done(move);
    if (outcome !== 'adjusted') return outcome === 'not_enough' ? t.notEnough : t.tooMany;
    onDone();
    onClose();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.adjustTitle([title, ...variantOf(sku)].join(' · '))} onClose={onClose}>
      <div class="stack">
        <form class="stack" onSubmit={onSubmit}>
          <TextField label={t.delta} type="number" required value={delta} onText={setDelta} />
          <Choice
            label={t.reason}
            value={reason}
            choices={reasons.map((key) => ({ key, label: t.reasons[key] }))}
            onChoose={setReason}
          />
          <TextField label={t.note} maxLength={500} value={note} onText={setNote} />
          <Problem text={problem} />
          <Button type="submit" kind="primary" wide busy={busy}>
            {t.save}
          </Button>
        </form>
        <StockMovements skuId={sku.skuId} />
      </div>
    </Sheet>
  );
}

/** What tells a variant from the others of its product; nothing where there is but one without a code. */
const variantOf = ({ optionValues, code }: Sku): string[] =>
  optionValues.length > 0 ? optionValues : code ? [code] : [];
