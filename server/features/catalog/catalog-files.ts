import type { Readable } from 'node:stream';
import { AppError } from '../../../shared/errors.ts';
import type { ImportChoices, ImportProgress, ImportReport } from '../../../shared/protocol/catalog.ts';
import { noId, pages } from '../../platform/pages.ts';
import type { ImportRequest } from './import-keys.pg.ts';
import { createImportProgress } from './import-progress.ts';
import type { ImportPlaces } from './import-places.ts';
import type { Imported } from './import-products.pg.ts';
import type { ProductRow } from './product-rows.ts';
import { readShopifyFile, type ShopifyFile } from './shopify-file.ts';
import { problemsListedMax, readShopifyRows, type FileProduct, type ReadFile } from './shopify-read.ts';
import { exportColumns, writeShopifyRows } from './shopify-write.ts';
import type { ShopStore } from './shops.pg.ts';

type Write = (
  request: ImportRequest,
  products: readonly FileProduct[],
  choices: Pick<ImportChoices, 'existing' | 'stock'>,
  onWritten: () => void,
) => Promise<Imported>;

type Needs = {
  shops: Pick<ShopStore, 'find'>;
  /** Products of a shop in the order they were added, from behind `after` on. */
  productsOf(shopId: string, after: string, limit: number): Promise<ProductRow[]>;
  /** Columns that imported files of the shop brought along. */
  foreignColumnsOf(shopId: string): Promise<string[]>;
  /** Units that offers have of SKUs and nobody has paid. */
  unsoldInOffers(skuIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  places: ImportPlaces;
  writeEach: Write;
  writeAll: Write;
  /** Says to the merchant how far their import is. */
  tellProgress(progress: ImportProgress): void;
  /** A clock that only goes forward. */
  elapsedMs(): number;
  publicUrl(): string;
  /** Fingerprint of a request, kept with its key. */
  hash(request: unknown): Buffer;
};

/** Products read from the database at a time while exporting. */
const exportPageRows = 100;

export type CatalogFiles = ReturnType<typeof createCatalogFiles>;

/** Products of a shop as a Shopify product file, in and out. */
export function createCatalogFiles(needs: Needs) {
  const { shops, productsOf, foreignColumnsOf, unsoldInOffers, places, writeEach, writeAll, hash, publicUrl } = needs;
  const { tellProgress, elapsedMs } = needs;

  return {
    /**
     * Sent again with its key, it goes on with what it had not done yet, and answers for all of it.
     * @throws AppError BAD_INPUT or PAYLOAD_TOO_LARGE when the file can't be read at all, KEY_REUSED when its key came with another one,
     * RETRY while the shop imports another, or too many shops do, REQUEST_TIMEOUT when it comes too slowly.
     */
    async importFile(shopId: string, file: Readable, choices: ImportChoices): Promise<ImportReport> {
      const { currency } = await shopOf(shopId);
      return places.inPlace(shopId, file, (whole) => takeIn(shopId, whole, choices, currency));
    },

    /** Headers first, then the cells of each row. */
    async *exportFile(shopId: string): AsyncGenerator<string[]> {
      await shopOf(shopId);
      const columns = exportColumns(await foreignColumnsOf(shopId));
      yield columns;
      const productPages = pages({
        first: noId,
        keyOf: ({ productId }: ProductRow) => productId,
        read: (after, limit) => productsOf(shopId, after, limit),
        rowsPerPage: exportPageRows,
      });
      for await (const products of productPages) {
        const offered = await unsoldInOffers(products.flatMap(({ skus }) => skus.map(({ skuId }) => skuId)));
        for (const product of products)
          for (const row of writeShopifyRows(product, offered, publicUrl()))
            yield columns.map((column) => row[column] ?? '');
      }
    },
  };

  async function takeIn(
    shopId: string,
    file: readonly Buffer[],
    choices: ImportChoices,
    currency: string,
  ): Promise<ImportReport> {
    const { mode, language, requestKey } = choices;
    const { sha256, writtenAs, ...sent } = await readShopifyFile(file);
    const read = { writtenAs, ...(await places.toRead(() => readShopifyRows(sent, { currency, language }))) };
    const allOrNothing = mode === 'all-or-nothing';
    if (allOrNothing && read.problemCount > 0) return report(read, 'refused');
    const request = { shopId, requestKey, requestHash: hash({ sha256, choices }) };
    const write = allOrNothing ? writeAll : writeEach;
    const tell = (done: number): void => tellProgress({ shopId, requestKey, done, of: read.products.length });
    const imported = await places.toWrite(() =>
      write(request, read.products, choices, createImportProgress(elapsedMs, tell)),
    );
    const refused = allOrNothing && imported.problems.length > 0;
    return report(read, refused ? 'refused' : 'imported', imported);
  }

  async function shopOf(shopId: string) {
    const shop = await shops.find(shopId);
    if (!shop) throw new AppError('NOT_FOUND', 'Open a shop first.');
    return shop;
  }
}

/** Mistakes of the file first: they were found first, and there may be many. Columns have the names of the file. */
function report(
  read: Pick<ReadFile, 'problems' | 'problemCount'> & Pick<ShopifyFile, 'writtenAs'>,
  outcome: ImportReport['outcome'],
  { added, updated, skipped, problems }: Imported = { added: 0, updated: 0, skipped: 0, problems: [] },
): ImportReport {
  const all = [...read.problems, ...problems].slice(0, problemsListedMax).sort((a, b) => a.row - b.row);
  const listed = all.map((one) => ({ ...one, column: read.writtenAs.get(one.column) ?? one.column }));
  return { outcome, added, updated, skipped, problemCount: read.problemCount + problems.length, problems: listed };
}
