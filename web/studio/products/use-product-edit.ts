import { useState } from 'preact/hooks';
import { toMajor } from '../../i18n/amounts.ts';
import { ask } from '../../session/connection.ts';
import { newKey } from '../../state/new-key.ts';
import type { Product, Sku } from '../../../shared/protocol/catalog.ts';
import { emptyVariant, newSkuOf, type WrittenNewVariant } from './new-variant-fields.tsx';
import { filledIn, type Pictures } from './picture-fields.tsx';
import { changesOf, writtenOf, type WrittenVariant } from './variant-fields.tsx';

type Texts = { title: Product['title']; description: Product['description']; pictures: Pictures };
/** A variant that is not there yet. What is rewritten is another wish, with a key of its own. */
type Added = { written: WrittenNewVariant; requestKey: string };

/** A product as it stands in a form, and as the server has it: only what differs is sent. */
export function useProductEdit(opened: Product) {
  const [product, setProduct] = useState(opened);
  const [texts, setTexts] = useState<Texts>({
    title: opened.title,
    description: opened.description,
    pictures: opened.images,
  });
  const [variants, setVariants] = useState<Readonly<Record<string, WrittenVariant>>>({});
  const [added, setAdded] = useState<readonly Added[]>([]);
  const { productId, currency, optionNames } = product;
  const writtenNow = (sku: Sku): WrittenVariant => variants[sku.skuId] ?? writtenOf(sku, currency);

  return {
    product,
    texts,
    added,
    write: (part: Partial<Texts>): void => setTexts((before) => ({ ...before, ...part })),
    writtenOf: writtenNow,
    writeVariant: (skuId: string, written: WrittenVariant): void =>
      setVariants((before) => ({ ...before, [skuId]: written })),
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

    /** Whoever changes a title does not undo the price that somebody else has just changed. What is done stays done when a later step fails. */
    async save(): Promise<void> {
      const changes = textChangesOf(product, texts);
      if (changes) setProduct(await ask('product:change', { productId, ...changes }));
      for (const sku of product.skus) {
        const changed = changesOf(sku, writtenNow(sku), currency);
        if (changed) setProduct(await ask('sku:change', { skuId: sku.skuId, ...changed }));
      }
      for (const one of added) {
        const sku = newSkuOf(one.written, optionNames, currency);
        setProduct(await ask('product:add-sku', { productId, ...sku, requestKey: one.requestKey }));
        setAdded((before) => before.filter(({ requestKey }) => requestKey !== one.requestKey));
      }
    },
  };
}

function textChangesOf({ title, description, images }: Product, texts: Texts) {
  const pictures = filledIn(texts.pictures);
  const changes = {
    ...(!isSame(texts.title, title) && { title: texts.title }),
    ...(!isSame(texts.description, description) && { description: texts.description }),
    ...(JSON.stringify(pictures) !== JSON.stringify(images) && { images: pictures }),
  };
  return Object.keys(changes).length > 0 ? changes : null;
}

const isSame = (one: Product['title'], other: Product['title']): boolean => one.en === other.en && one.zh === other.zh;
