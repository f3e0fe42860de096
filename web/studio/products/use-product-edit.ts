import { useState } from 'preact/hooks';
import { toMajor } from '../../i18n/amounts.ts';
import { ask } from '../../session/connection.ts';
import { newKey } from '../../state/new-key.ts';
import type { Product, Sku } from '../../../shared/protocol/catalog.ts';
import { onNewest } from '../on-newest.ts';
import { emptyVariant, newSkuOf, type WrittenNewVariant } from './new-variant-fields.tsx';
import type { Pictures } from './pictures.ts';
import {
  nothingWritten,
  overNewer,
  stillWritten,
  textsOf,
  variantOf,
  withNewVariants,
  withTexts,
  withVariant,
} from './written-product.ts';
import type { WrittenVariant } from './written-variant.ts';

type Texts = Product['title'];
/** A variant that is not there yet. What is rewritten is another wish, with a key of its own. */
type Added = { written: WrittenNewVariant; requestKey: string };

/** A product as it stands in a form, and as the server has it: only what differs is sent. */
export function useProductEdit(opened: Product) {
  /** As its writer knows it: as it was when the form opened or when they were told of others, with what was saved since. */
  const [product, setProduct] = useState(opened);
  /** What was not written stays what the product says, whoever changes it. */
  const [written, setWritten] = useState(nothingWritten);
  const [added, setAdded] = useState<readonly Added[]>([]);
  const { productId, currency, optionNames } = product;

  return {
    product,
    texts: textsOf(product, written),
    added,
    writeTitle: (part: Partial<Texts>): void =>
      setWritten((before) => ({ ...before, title: { ...before.title, ...part } })),
    writeDescription: (part: Partial<Texts>): void =>
      setWritten((before) => ({ ...before, description: { ...before.description, ...part } })),
    writePictures: (pictures: Pictures): void => setWritten((before) => ({ ...before, pictures })),
    writtenOf: (sku: Sku): WrittenVariant => variantOf(sku, written, currency),
    writeVariant: (skuId: string, part: Partial<WrittenVariant>): void =>
      setWritten((before) => {
        const { variants } = before;
        return { ...before, variants: { ...variants, [skuId]: { ...variants[skuId], ...part } } };
      }),
    /** Most variants of a product cost the same. */
    addVariant(): void {
      const price = toMajor(product.skus[0]?.priceMinor ?? 0, currency);
      setAdded((before) => [...before, { written: { ...emptyVariant, price }, requestKey: newKey() }]);
    },
    writeAdded: (index: number, written: WrittenNewVariant): void =>
      setAdded((before) => before.with(index, { written, requestKey: newKey() })),
    dropAdded: (index: number): void => setAdded((before) => before.toSpliced(index, 1)),

    async removeVariant({ skuId }: Sku): Promise<'archived' | 'last_variant'> {
      const { outcome } = await ask('sku:archive', { skuId });
      if (outcome === 'archived')
        setProduct((before) => ({ ...before, skus: before.skus.filter((sku) => sku.skuId !== skuId) }));
      return outcome;
    },
    async archive(): Promise<void> {
      await ask('product:archive', { productId });
    },

    /**
     * Whoever changes a title does not undo the price that somebody else has just changed. What is done stays done when a later step
     * fails. A field that was written here and changed elsewhere since it was seen is not saved over: answers with the product as it is
     * there, over which another `save` writes.
     */
    save: (): Promise<Product | null> => onNewest(save),
  };

  async function save(): Promise<Product | null> {
    const now = await ask('product:read', { productId });
    const { isContested, changes, variantChanges } = overNewer(product, now, written);
    if (isContested) {
      setWritten((before) => stillWritten(product, before));
      setProduct(now);
      return now;
    }
    // Of what is answered only a part is looked at here: what was seen is what was read, and what was written since.
    let { version: seenVersion } = now;
    if (Object.keys(changes).length > 0) {
      const saved = await ask('product:change', { productId, seenVersion, ...changes });
      seenVersion += 1;
      setProduct((before) => withTexts(before, saved));
    }
    for (const { skuId, wanted } of variantChanges) {
      const saved = await ask('sku:change', { skuId, seenVersion, ...wanted });
      seenVersion += 1;
      setProduct((before) => withVariant(before, saved, skuId));
    }
    for (const one of added) {
      const sku = newSkuOf(one.written, optionNames, currency);
      const saved = await ask('product:add-sku', { productId, ...sku, requestKey: one.requestKey });
      setProduct((before) => withNewVariants(before, saved));
      setAdded((before) => before.filter(({ requestKey }) => requestKey !== one.requestKey));
    }
    return null;
  }
}
