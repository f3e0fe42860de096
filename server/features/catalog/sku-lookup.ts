import type { Localized } from '../../../shared/protocol/catalog.ts';

/** What an offer and an order need to know about a SKU, as it is now. */
export type SkuView = {
  skuId: string;
  productId: string;
  /** The merchant's person id: account and shop are one. */
  shopId: string;
  title: Localized;
  /** One value per option name; empty when there is nothing to choose. */
  optionValues: string[];
  /** Empty when there is no picture. */
  imageUrl: string;
  /** List price, in minor units of `currency`. */
  priceMinor: number;
  currency: string;
  requiresShipping: boolean;
  /** In stock, and with no offer. */
  freeUnits: number;
  published: boolean;
};

/** Looks SKUs up for features that sell them. */
export type SkuLookup = {
  /** @throws AppError NOT_FOUND when there is no such SKU, or it or its product is archived. */
  get(skuId: string): Promise<SkuView>;
};
