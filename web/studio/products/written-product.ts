import type { Product, Sku } from '../../../shared/protocol/catalog.ts';
import { filledIn, type Pictures } from './pictures.ts';
import { changesOf, writtenOf, type WrittenVariant } from './written-variant.ts';

type Texts = Product['title'];

/** What was written over a product, field by field: of what nobody touched nothing stands here. Pictures are one field, for their order counts. */
export type WrittenProduct = {
  title: Partial<Texts>;
  description: Partial<Texts>;
  pictures?: Pictures;
  /** By the id of the variant. */
  variants: Readonly<Record<string, Partial<WrittenVariant>>>;
};

export const nothingWritten: WrittenProduct = { title: {}, description: {}, variants: {} };

/** What stands in the fields. */
export const textsOf = ({ title, description, images }: Product, written: WrittenProduct) => ({
  title: { ...title, ...written.title },
  description: { ...description, ...written.description },
  pictures: written.pictures ?? images,
});

export const variantOf = (sku: Sku, { variants }: WrittenProduct, currency: string): WrittenVariant => ({
  ...writtenOf(sku, currency),
  ...variants[sku.skuId],
});

/**
 * What is to be saved so that a product, as others have made it by `now`, has what was written over it as it was `seen`.
 *
 * @returns also whether both have changed the same field, and differently: whose word counts is for the writer to say
 * @throws AppError BAD_INPUT for an amount that is none.
 */
export function overNewer(seen: Product, now: Product, written: WrittenProduct) {
  const title = differing(written.title, seen.title);
  const description = differing(written.description, seen.description);
  const images = differing(written.pictures ? { images: filledIn(written.pictures) } : {}, seen);
  const variants = seen.skus.flatMap((sku) => {
    const changed: Partial<Sku> = changesOf(sku, variantOf(sku, written, seen.currency), seen.currency);
    const theirs = now.skus.find(({ skuId }) => skuId === sku.skuId);
    return isEmpty(changed) ? [] : [{ skuId: sku.skuId, sku, changed, theirs }];
  });
  return {
    isContested:
      areContested(title, seen.title, now.title) ||
      areContested(description, seen.description, now.description) ||
      areContested<Product>(images, seen, now) ||
      variants.some(({ sku, changed, theirs }) => !theirs || areContested(changed, sku, theirs)),
    // A text goes to the server in both languages: that which was not written is theirs.
    changes: differing<Product>(
      {
        ...images,
        ...(!isEmpty(title) && { title: { ...now.title, ...title } }),
        ...(!isEmpty(description) && { description: { ...now.description, ...description } }),
      },
      now,
    ),
    variantChanges: variants.flatMap(({ skuId, changed, theirs }) => {
      const wanted = theirs ? differing(changed, theirs) : {};
      return isEmpty(wanted) ? [] : [{ skuId, wanted }];
    }),
  };
}

/** Without what was written and then taken back. */
export const stillWritten = (seen: Product, { title, description, pictures, variants }: WrittenProduct) => ({
  title: differing(title, seen.title),
  description: differing(description, seen.description),
  ...(pictures && !isSame(filledIn(pictures), seen.images) && { pictures }),
  variants: Object.fromEntries(
    seen.skus.map((sku) => [sku.skuId, differing(variants[sku.skuId] ?? {}, writtenOf(sku, seen.currency))]),
  ),
});

/** What was saved is as the server has it; what others made of the rest meanwhile was not seen by that. */
export const withTexts = (seen: Product, { title, description, images }: Product): Product => ({
  ...seen,
  title,
  description,
  images,
});
export const withVariant = (seen: Product, saved: Product, savedId: string): Product => ({
  ...seen,
  skus: seen.skus.map((old) => (old.skuId === savedId && saved.skus.find(({ skuId }) => skuId === savedId)) || old),
});
export const withNewVariants = (seen: Product, { skus }: Product): Product => ({
  ...seen,
  skus: [...seen.skus, ...skus.filter(({ skuId }) => seen.skus.every((old) => old.skuId !== skuId))],
});

const namesOf = <Whole extends object>(part: Partial<Whole>) => Object.keys(part) as (keyof Whole)[];
const isEmpty = (part: object): boolean => Object.keys(part).length === 0;
/** A database has an order of its own for the names in a picture. */
const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one, inOrder) === JSON.stringify(other, inOrder);
const inOrder = (_name: string, value: unknown): unknown =>
  value instanceof Object && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;

const differing = <Whole extends object>(mine: Partial<Whole>, from: Whole): Partial<Whole> =>
  Object.fromEntries(
    namesOf(mine).flatMap((name) => (isSame(mine[name], from[name]) ? [] : [[name, mine[name]]])),
  ) as Partial<Whole>;

const areContested = <Whole extends object>(mine: Partial<Whole>, seen: Whole, now: Whole): boolean =>
  namesOf(mine).some((name) => !isSame(now[name], seen[name]) && !isSame(now[name], mine[name]));
