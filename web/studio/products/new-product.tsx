import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { fromMajor } from '../../i18n/amounts.ts';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { sayError } from '../../session/say-error.ts';
import { newKey } from '../../state/new-key.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';

type Props = { shop: Shop; onClose: () => void; onAdded: () => void };

/** One product with one variant: enough for a show. Everything else comes by file. */
export function NewProduct({ shop: { shopId, currency }, onClose, onAdded }: Props) {
  const t = useMessages(sectionTexts);
  const [fields, setFields] = useState({ en: '', zh: '', price: '', compareAt: '', units: '10', image: '' });
  const [problem, setProblem] = useState<string>();
  const [key, setKey] = useState(newKey);
  const field = (name: keyof typeof fields) => ({
    value: fields[name],
    onText: (text: string) => setFields({ ...fields, [name]: text }),
  });
  const add = async (event: Event) => {
    event.preventDefault();
    const { en, zh, price, compareAt, units, image } = fields;
    try {
      await ask('product:add', {
        shopId,
        requestKey: key,
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
      onAdded();
      onClose();
    } catch (error) {
      setKey(newKey());
      setProblem(sayError(error));
    }
  };
  return (
    <Sheet shape="dialog" title={t.addProduct} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void add(event)}>
        <TextField label={t.productTitle} maxLength={255} required={!fields.zh} {...field('en')} />
        <TextField label={t.productTitleZh} maxLength={255} {...field('zh')} />
        <div class="two">
          <TextField label={`${t.price} (${currency})`} required inputMode="decimal" {...field('price')} />
          <TextField label={`${t.compareAt} (${currency})`} inputMode="decimal" {...field('compareAt')} />
          <TextField label={t.unitsInStock} type="number" min={0} required {...field('units')} />
          <TextField label={t.image} type="url" {...field('image')} />
        </div>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" kind="primary" size="big" wide>
          {t.addProduct}
        </Button>
      </form>
    </Sheet>
  );
}
