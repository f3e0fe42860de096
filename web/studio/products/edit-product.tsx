import { useState } from 'preact/hooks';
import { useQuestion } from '../../design/ask.tsx';
import { Button } from '../../design/button.tsx';
import { PictureField } from '../../design/picture-field.tsx';
import { Problem } from '../../design/problem.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useMessages } from '../../i18n/messages.ts';
import { ask } from '../../session/connection.ts';
import { useSubmit } from '../../state/use-submit.ts';
import type { Product } from '../../../shared/protocol/catalog.ts';
import { sectionTexts } from '../section.messages.ts';
import { TitleFields } from './title-fields.tsx';
import { changesOf, VariantFields, writtenOf, type WrittenVariant } from './variant-fields.tsx';

type Props = { product: Product; onClose: () => void; onChanged: () => void };

/** Title, picture and variants of a product, and the way out of the catalog. Open offers and orders keep what they say. */
export function EditProduct({ product, onClose, onChanged }: Props) {
  const t = useMessages(sectionTexts);
  const [title, setTitle] = useState(product.title);
  const [image, setImage] = useState(product.images[0]?.url ?? '');
  const [variants, setVariants] = useState<Readonly<Record<string, WrittenVariant>>>(() =>
    Object.fromEntries(product.skus.map((sku) => [sku.skuId, writtenOf(sku, product.currency)])),
  );
  const question = useQuestion();
  /** A part of it may be done when it fails, so it is told either way. */
  const run = async (work: () => Promise<void>): Promise<undefined> => {
    await work().finally(onChanged);
    onClose();
    return undefined;
  };
  const saving = useSubmit(() => run(() => save(product, title, image, variants)));
  const archiving = useSubmit(() =>
    run(async () => {
      await ask('product:archive', { productId: product.productId });
    }),
  );
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
    <Sheet shape="dialog" title={t.editProduct} onClose={onClose}>
      <form class="stack" onSubmit={saving.onSubmit}>
        <TitleFields title={title} onWrite={(part) => setTitle((before) => ({ ...before, ...part }))} />
        <PictureField label={t.image} value={image} onText={setImage} />
        {product.skus.map((sku) => (
          <VariantFields
            key={sku.skuId}
            sku={sku}
            currency={product.currency}
            written={variants[sku.skuId]!}
            onWrite={(written) => setVariants((before) => ({ ...before, [sku.skuId]: written }))}
          />
        ))}
        <Problem text={saving.problem ?? archiving.problem} />
        <div class="row row--apart">
          <Button kind="danger" busy={busy} onClick={askArchive}>
            {t.archive}
          </Button>
          <Button type="submit" kind="primary" busy={busy}>
            {t.save}
          </Button>
        </div>
      </form>
      {question.dialog}
    </Sheet>
  );
}

/** Sends what differs: whoever changes a title does not undo the price that somebody else has just changed. */
async function save(
  { productId, title, images, skus, currency }: Product,
  newTitle: Product['title'],
  image: string,
  variants: Readonly<Record<string, WrittenVariant>>,
): Promise<void> {
  const changes = {
    ...(newTitle.en !== title.en || newTitle.zh !== title.zh ? { title: newTitle } : {}),
    ...(image !== (images[0]?.url ?? '') ? { images: withFirst(images, image) } : {}),
  };
  if (Object.keys(changes).length > 0) await ask('product:change', { productId, ...changes });
  for (const sku of skus) {
    const changed = changesOf(sku, variants[sku.skuId]!, currency);
    if (changed) await ask('sku:change', { skuId: sku.skuId, ...changed });
  }
}

/** The other pictures stay; an empty address takes the first one away. */
const withFirst = (images: Product['images'], url: string): Product['images'] => [
  ...(url ? [{ url, alt: '' }] : []),
  ...images.slice(1),
];
