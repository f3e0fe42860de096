import { useState } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { useRequestKey } from '../../state/use-request-key.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import type { Shop } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { DescriptionFields } from './description-fields.tsx';
import { emptyVariant, NewVariantFields, newSkuOf, type WrittenNewVariant } from './new-variant-fields.tsx';
import { PictureFields } from './picture-fields.tsx';
import { filledIn, type Pictures } from './pictures.ts';
import { productTexts } from './products.messages.ts';
import { TitleFields } from './title-fields.tsx';

type Fields = {
  title: { en: string; zh: string };
  description: { en: string; zh: string };
  pictures: Pictures;
  /** Names with commas between. */
  options: string;
  variants: readonly WrittenNewVariant[];
};
const empty: Fields = {
  title: { en: '', zh: '' },
  description: { en: '', zh: '' },
  pictures: [],
  options: '',
  variants: [emptyVariant],
};
type Props = { shop: Shop; onClose: () => void; onAdded: () => void };

/** A product of one variant, which is enough for a show, or of several that differ in what the merchant names. */
export function NewProduct({ shop: { shopId, currency }, onClose, onAdded }: Props) {
  const t = useMessages(sectionTexts);
  const [fields, setFields] = useState(empty);
  const { keyOf } = useRequestKey();
  const change = (part: Partial<Fields>) => setFields((before) => ({ ...before, ...part }));
  const { problem, busy, onSubmit } = useSubmit(async () => {
    await ask('product:add', { ...productOf(fields, currency), shopId, requestKey: keyOf(fields) });
    onAdded();
    onClose();
    return undefined;
  });
  return (
    <Sheet shape="dialog" title={t.addProduct} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <TitleFields title={fields.title} onWrite={(part) => change({ title: { ...fields.title, ...part } })} />
        <VariantsFields fields={fields} currency={currency} onChange={change} />
        <PictureFields pictures={fields.pictures} onWrite={(pictures) => change({ pictures })} />
        <DescriptionFields
          description={fields.description}
          onWrite={(part) => change({ description: { ...fields.description, ...part } })}
        />
        <Problem text={problem} />
        <Button type="submit" kind="primary" size="big" wide busy={busy}>
          {t.addProduct}
        </Button>
      </form>
    </Sheet>
  );
}

type VariantsProps = { fields: Fields; currency: string; onChange: (part: Partial<Fields>) => void };

/** What is typed of further variants stays while the options are rewritten. */
function VariantsFields({ fields: { options, variants }, currency, onChange }: VariantsProps) {
  const t = useMessages(productTexts);
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const optionNames = optionNamesOf(options);
  const shown = optionNames.length > 0 ? variants : variants.slice(0, 1);
  const { variantsMax } = catalogLimits;
  return (
    <div class="stack" ref={place} tabIndex={-1}>
      <TextField
        label={t.options}
        hint={t.optionsHint}
        maxLength={255}
        value={options}
        onText={(typed) => onChange({ options: typed })}
      />
      {shown.map((written, index) => (
        <NewVariantFields
          key={index}
          optionNames={optionNames}
          currency={currency}
          written={written}
          onWrite={(changed) => onChange({ variants: variants.with(index, changed) })}
          onRemove={
            variants.length > 1
              ? () => {
                  focusPlace();
                  onChange({ variants: variants.toSpliced(index, 1) });
                }
              : undefined
          }
        />
      ))}
      {optionNames.length > 0 && variants.length < variantsMax && (
        <div>
          <Button
            size="small"
            icon="plus"
            onClick={() =>
              onChange({ variants: [...variants, { ...variants.at(-1)!, values: [], code: '', barcode: '' }] })
            }
          >
            {t.addVariant}
          </Button>
        </div>
      )}
    </div>
  );
}

const optionNamesMax = 3;
const optionNamesOf = (options: string): string[] =>
  options
    .split(/[,，、]/)
    .map((name) => name.trim())
    .filter(Boolean)
    .slice(0, optionNamesMax);

function productOf({ title, description, pictures, options, variants }: Fields, currency: string) {
  const optionNames = optionNamesOf(options);
  const sold = optionNames.length > 0 ? variants : variants.slice(0, 1);
  return {
    title,
    description,
    images: filledIn(pictures),
    optionNames,
    skus: sold.map((written) => newSkuOf(written, optionNames, currency)),
  };
}
