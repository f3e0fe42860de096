import type { Localized } from '../../../shared/protocol/catalog.ts';
import type { SkuView } from './sku-lookup.ts';

/** A product that people can see, as whoever shows or sells it needs it. */
export type ShownProduct = {
  productId: string;
  title: Localized;
  /** Empty when there is no picture. */
  imageUrl: string;
  currency: string;
  /** At least one. `compareAtMinor`: the price it is compared with. */
  skus: (SkuView & { compareAtMinor: number | null })[];
};

/** Those of some products that people can see, in the order they are asked for; the others are left out. */
export type ShownProducts = (productIds: readonly string[]) => Promise<ShownProduct[]>;
