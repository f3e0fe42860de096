import { useRef, useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { useFocusPlace } from '../../state/use-focus-place.ts';
import { useSubmit } from '../../state/use-submit.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import type { Product, Sku } from '../../../shared/protocol/catalog.ts';
import { ChangedMeanwhile } from '../changed-meanwhile.tsx';
import { sectionTexts } from '../section.messages.ts';
import { DescriptionFields } from './description-fields.tsx';
import { NewVariantFields } from './new-variant-fields.tsx';
import { PictureFields } from './picture-fields.tsx';
import { productTexts } from './products.messages.ts';
import { TitleFields } from './title-fields.tsx';
import { useProductEdit } from './use-product-edit.ts';
import { VariantFields } from './variant-fields.tsx';

type Props = { product: Product; onClose: () => void; onChanged: () => void };

/** What a product says, its variants, and the way out of the catalog. Open offers and orders keep what they say. */
export function EditProduct({ product, onClose, onChanged }: Props) {
  const t = useMessages(sectionTexts);
  /** As it was when the form opened, or when its writer chose to see what was made of it elsewhere. */
  const [opened, setOpened] = useState({ product, times: 1 });
  const reread = (theirs: Product) => setOpened(({ times }) => ({ product: theirs, times: times + 1 }));
  return (
    <Sheet shape="dialog" title={t.editProduct} onClose={onClose}>
      <EditForm key={opened.times} product={opened.product} onReread={reread} onClose={onClose} onChanged={onChanged} />
    </Sheet>
  );
}

type FormProps = Props & { onReread: (theirs: Product) => void };

function EditForm({ product: opened, onReread, onClose, onChanged }: FormProps) {
  const t = useMessages(sectionTexts);
  const edit = useProductEdit(opened);
  const [theirs, setTheirs] = useState<Product | null>(null);
  const question = useQuestion();
  // A part of it may be done when it fails, so it is told either way.
  const saving = useSubmit(async () => {
    const conflict = await edit.save().finally(onChanged);
    setTheirs(conflict);
    if (!conflict) onClose();
    return undefined;
  });
  const archiving = useSubmit(async () => {
    await edit.archive().finally(onChanged);
    onClose();
    return undefined;
  });
  const askArchive = () =>
    question.ask({
      title: t.archiveTitle,
      explanation: t.archiveText,
      yes: t.archive,
      danger: true,
      onYes: () => void archiving.submit(),
    });
  const busy = saving.busy || archiving.busy;
  return (
    <>
      <form class="stack" onSubmit={saving.onSubmit}>
        <TitleFields title={edit.texts.title} onWrite={edit.writeTitle} />
        <DescriptionFields description={edit.texts.description} onWrite={edit.writeDescription} />
        <PictureFields pictures={edit.texts.pictures} onWrite={edit.writePictures} />
        <Variants edit={edit} onChanged={onChanged} />
        <Problem text={saving.problem ?? archiving.problem} />
        {theirs ? (
          <ChangedMeanwhile busy={busy} onReread={() => onReread(theirs)} />
        ) : (
          <div class="row row--apart">
            <Button kind="danger" busy={busy} onClick={askArchive}>
              {t.archive}
            </Button>
            <Button type="submit" kind="primary" busy={busy}>
              {t.save}
            </Button>
          </div>
        )}
      </form>
      {question.dialog}
    </>
  );
}

type VariantsProps = { edit: ReturnType<typeof useProductEdit>; onChanged: () => void };

/** Variants are taken out at once, when that is asked for; new ones come with all that is saved. */
function Variants({ edit, onChanged }: VariantsProps) {
  const t = useMessages(productTexts);
  const { product, added } = edit;
  const { place, focusPlace } = useFocusPlace<HTMLDivElement>();
  const question = useQuestion();
  const leaving = useRef<Sku | null>(null);
  const removing = useSubmit(async () => {
    if (!leaving.current || (await edit.removeVariant(leaving.current)) === 'last_variant') return t.lastVariant;
    focusPlace();
    onChanged();
    return undefined;
  });
  const askRemove = (sku: Sku) => {
    leaving.current = sku;
    question.ask({
      title: t.removeTitle(nameOf(sku)),
      explanation: t.removeText,
      yes: t.remove,
      danger: true,
      onYes: () => void removing.submit(),
    });
  };
  const { optionNames, skus, currency } = product;
  return (
    <div class="stack" ref={place} tabIndex={-1}>
      {skus.map((sku) => (
        <VariantFields
          key={sku.skuId}
          sku={sku}
          currency={currency}
          written={edit.writtenOf(sku)}
          onWrite={(part) => edit.writeVariant(sku.skuId, part)}
          onRemove={skus.length > 1 ? () => askRemove(sku) : undefined}
        />
      ))}
      {added.map(({ written }, index) => (
        <NewVariantFields
          key={index}
          optionNames={optionNames}
          currency={currency}
          written={written}
          onWrite={(changed) => edit.writeAdded(index, changed)}
          onRemove={() => {
            focusPlace();
            edit.dropAdded(index);
          }}
        />
      ))}
      <Problem text={removing.problem} />
      {optionNames.length === 0 ? (
        <p class="quiet small">{t.oneVariant}</p>
      ) : (
        skus.length + added.length < catalogLimits.variantsMax && (
          <div>
            <Button size="small" icon="plus" onClick={edit.addVariant}>
              {t.addVariant}
            </Button>
          </div>
        )
      )}
      {question.dialog}
    </div>
  );
}

const nameOf = ({ optionValues, code }: Sku): string => optionValues.join(' · ') || code;
