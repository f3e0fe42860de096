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
  /** What was not written stays what the product says, whoever changes it. */
  const [written, setWritten] = useState<Partial<Texts>>({});
  const [variants, setVariants] = useState<Readonly<Record<string, WrittenVariant>>>({});
  const [added, setAdded] = useState<readonly Added[]>([]);
  const { productId, currency, optionNames, title, description, images } = product;
  const texts: Texts = { title, description, pictures: images, ...written };
  const writtenNow = (sku: Sku): WrittenVariant => variants[sku.skuId] ?? writtenOf(sku, currency);

  return {
    product,
    texts,
    added,
    write: (part: Partial<Texts>): void => setWritten((before) => ({ ...before, ...part })),
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

    /**
     * Whoever changes a title does not undo the price that somebody else has just changed. What is done stays done when a later step
     * fails. When what is changed here was changed elsewhere since it was `seen`, nothing is saved: answers with the product as it is there.
     */
    async save(seen: Product = product): Promise<Product | null> {
      const changes = textChangesOf(product, texts) ?? {};
      const variantChanges = product.skus.flatMap((sku) => {
        const changed = changesOf(sku, writtenNow(sku), currency);
        return changed ? [{ skuId: sku.skuId, changed }] : [];
      });
      const touched = (of: Product): string =>
        JSON.stringify([valuesOf(of, changes), variantChanges.map(valuesIn(of))]);
      const now = await ask('product:read', { productId });
      if (touched(now) !== touched(seen)) return now;
      if (Object.keys(changes).length > 0) setProduct(await ask('product:change', { productId, ...changes }));
      for (const { skuId, changed } of variantChanges) setProduct(await ask('sku:change', { skuId, ...changed }));
      for (const one of added) {
        const sku = newSkuOf(one.written, optionNames, currency);
        setProduct(await ask('product:add-sku', { productId, ...sku, requestKey: one.requestKey }));
        setAdded((before) => before.filter(({ requestKey }) => requestKey !== one.requestKey));
      }
      return null;
    },
  };
}

/** What `of` has of what is changed. */
const valuesOf = <Whole extends object>(of: Whole, changes: Partial<Whole>): unknown[] =>
  Object.keys(changes).map((name) => of[name as keyof Whole]);

/** The same of a variant of it; nothing of one that is gone. */
const valuesIn =
  ({ skus }: Product) =>
  ({ skuId, changed }: { skuId: string; changed: Partial<Sku> }): unknown[] | null => {
    const sku = skus.find((one) => one.skuId === skuId);
    return sku ? valuesOf(sku, changed) : null;
  };

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
