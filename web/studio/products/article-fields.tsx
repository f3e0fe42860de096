import { TextField } from '../../design/field.tsx';
import { writtenIn } from '../../design/written.ts';
import { useMessages } from '../../i18n/messages.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import { productTexts } from './products.messages.ts';
import type { WrittenArticle } from './written-variant.ts';

type Props = { written: WrittenArticle; isSent: boolean; onWrite: (change: Partial<WrittenArticle>) => void };

/** What is not sent is not asked for its weight. */
export function ArticleFields({ written, isSent, onWrite }: Props) {
  const t = useMessages(productTexts);
  const field = writtenIn(written, onWrite);
  return (
    <>
      <TextField label={t.code} maxLength={255} {...field('code')} />
      <TextField label={t.barcode} maxLength={255} {...field('barcode')} />
      {isSent && (
        <TextField
          label={t.weight}
          type="number"
          inputMode="numeric"
          min={0}
          max={catalogLimits.weightGramsMax}
          step={1}
          {...field('weight')}
        />
      )}
    </>
  );
}
