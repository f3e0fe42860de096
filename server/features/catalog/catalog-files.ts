import type { Readable } from 'node:stream';
import { AppError } from '../../../shared/errors.ts';
import type { ImportChoices, ImportReport } from '../../../shared/protocol/catalog.ts';
import type { Imported } from './import-products.pg.ts';
import type { ProductRow } from './product-rows.ts';
import { readShopifyFile } from './shopify-file.ts';
import { readShopifyRows, type FileProduct } from './shopify-read.ts';
import { exportColumns, writeShopifyRows } from './shopify-write.ts';
import type { ShopStore } from './shops.pg.ts';

type Write = (
  shopId: string,
  products: readonly FileProduct[],
  choices: Pick<ImportChoices, 'existing' | 'stock'>,
) => Promise<Imported>;

type Needs = {
  shops: Pick<ShopStore, 'find'>;
  /** Products of a shop in the order they were added, from behind `after` on. */
  productsOf(shopId: string, after: string | null, limit: number): Promise<ProductRow[]>;
  /** Columns that imported files of the shop brought along. */
  foreignColumnsOf(shopId: string): Promise<string[]>;
  writeEach: Write;
  writeAll: Write;
};

/** Problems a report lists; the others are counted. */
const problemsListedMax = 500;

/** Products read from the database at a time while exporting. */
const exportPageRows = 100;

export type CatalogFiles = ReturnType<typeof createCatalogFiles>;

/** Products of a shop as a Shopify product file, in and out. */
export function createCatalogFiles({ shops, productsOf, foreignColumnsOf, writeEach, writeAll }: Needs) {
  return {
    /** @throws AppError BAD_INPUT or PAYLOAD_TOO_LARGE when the file can't be read at all. */
    async importFile(shopId: string, file: Readable, choices: ImportChoices): Promise<ImportReport> {
      const { currency } = await shopOf(shopId);
      const { mode, language } = choices;
      const { products, problems } = readShopifyRows(await readShopifyFile(file), { currency, language });
      const allOrNothing = mode === 'all-or-nothing';
      if (allOrNothing && problems.length > 0) return report(problems, 'refused');
      const imported = await (allOrNothing ? writeAll : writeEach)(shopId, products, choices);
      const found = [...problems, ...imported.problems].sort((a, b) => a.row - b.row);
      return report(found, allOrNothing && found.length > 0 ? 'refused' : 'imported', imported);
    },

    /** Headers first, then the cells of each row. */
    async *exportFile(shopId: string): AsyncGenerator<string[]> {
      await shopOf(shopId);
      const columns = exportColumns(await foreignColumnsOf(shopId));
      yield columns;
      let after: string | null = null;
      for (;;) {
        const products: ProductRow[] = await productsOf(shopId, after, exportPageRows);
        for (const product of products)
          for (const row of writeShopifyRows(product)) yield columns.map((column) => row[column] ?? '');
        if (products.length < exportPageRows) return;
        after = products.at(-1)!.productId;
      }
    },
  };

  async function shopOf(shopId: string) {
    const shop = await shops.find(shopId);
    if (!shop) throw new AppError('NOT_FOUND', 'Open a shop first.');
    return shop;
  }
}

function report(
  problems: ImportReport['problems'],
  outcome: ImportReport['outcome'],
  { added, updated, skipped }: Omit<Imported, 'problems'> = { added: 0, updated: 0, skipped: 0 },
): ImportReport {
  const listed = problems.slice(0, problemsListedMax);
  return { outcome, added, updated, skipped, problemCount: problems.length, problems: listed };
}
