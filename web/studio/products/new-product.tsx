import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { AmountField } from '../../design/amount-field.tsx';
import { TextField } from '../../design/field.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { writtenIn } from '../../design/written.ts';
import { fromMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { TitleFields } from './title-fields.tsx';

const empty = { en: '', zh: '', price: '', compareAt: '', units: '10', image: '' };
type Fields = typeof empty;
type Props = { shop: Shop; onClose: () => void; onAdded: () => void };

/** One product with one variant: enough for a show. Everything else comes by file. */
export function NewProduct({ shop: { shopId, currency }, onClose, onAdded }: Props) {
  const t = useMessages(sectionTexts);
  const [fields, setFields] = useState<Fields>(empty);
  const { keyOf } = useRequestKey();
  const change = (part: Partial<Fields>) => setFields((before) => ({ ...before, ...part }));
  const written = writtenIn(fields, change);
  const { problem, busy, onSubmit } = useSubmit(async () => {
    await ask('product:add', { ...productOf(fields, currency), shopId, requestKey: keyOf(fields) });
    onAdded();
    onClose();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.addProduct} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <TitleFields title={fields} onWrite={change} />
        <div class="two">
          <AmountField label={t.price} currency={currency} required {...written('price')} />
          <AmountField label={t.compareAt} currency={currency} {...written('compareAt')} />
          <TextField label={t.unitsInStock} type="number" min={0} required {...written('units')} />
          <PictureField label={t.image} {...written('image')} />
        </div>
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.addProduct}
        </Button>
      </form>
    </Sheet>
  );
}

const productOf = ({ en, zh, price, compareAt, units, image }: Fields, currency: string) => ({
  title: { en, zh },
  images: image ? [{ url: image }] : [],
  skus: [
    {
      priceMinor: fromMajor(price, currency),
      compareAtMinor: compareAt ? fromMajor(compareAt, currency) : null,
      units: Number(units),
    },
  ],
});
