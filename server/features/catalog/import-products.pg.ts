import { AppError } from '../../../shared/errors.ts';
import { catalogLimits } from '../../../shared/limits.ts';
import type { ImportChoices, ImportProblem } from '../../../shared/protocol/catalog.ts';
import { inTransaction, type Db, type Queryable } from '../../platform/postgres.ts';
import { changedByFile, skuChangedByFile } from './changed-by-file.ts';
import { beginImport, onceOf, type ImportRequest, type Written } from './import-keys.pg.ts';
import { draftProduct } from './product-drafts.ts';
import type { ProductDraft, ProductRow, SkuDraft } from './product-rows.ts';
import { createProductStore } from './products.pg.ts';
import type { FileProduct } from './shopify-read.ts';
import { insertSku, updateSku } from './skus.pg.ts';
import { lockFreeUnits, moveStock, unsoldInOffers } from './stock.pg.ts';

export type Imported = { added: number; updated: number; skipped: number; problems: ImportProblem[] };
type Choices = Pick<ImportChoices, 'existing' | 'stock'>;

/** Imports of one shop are written one after another. */
const lockImports = `SELECT pg_advisory_xact_lock(hashtextextended('nightmarket:import:' || $1, 0))`;
/** Products before their variants, as whoever changes one. */
const lockProducts = `
  SELECT FROM products WHERE shop_id = $1 AND handle = ANY($2) AND archived_at IS NULL ORDER BY product_id FOR UPDATE`;
/** In the order in which all who lock several SKUs lock them: a file's own order could deadlock with the end of a hold. */
const lockSkus = `
  SELECT FROM skus JOIN products p USING (product_id)
  WHERE p.shop_id = $1 AND p.handle = ANY($2) AND p.archived_at IS NULL AND skus.archived_at IS NULL
  ORDER BY sku_id FOR UPDATE OF skus`;

/** Ends the one transaction of an all-or-nothing import. */
class Refused extends Error {
  readonly problem: ImportProblem;

  constructor(problem: ImportProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/**
 * Writes the products of a file, a transaction for each: one that can't be written leaves the others alone.
 * @param onWritten  called for each product that is done, well or not.
 */
export async function importEach(
  db: Db,
  request: ImportRequest,
  products: readonly FileProduct[],
  choices: Choices,
  onWritten: () => void,
): Promise<Imported> {
  await beginImport(db, request);
  const imported: Imported = { added: 0, updated: 0, skipped: 0, problems: [] };
  for (const product of products) {
    try {
      const written = await inTransaction(db, async (client) => {
        await lock(client, request, [product]);
        return importOne(client, request, product, choices);
      });
      imported[written] += 1;
    } catch (error) {
      imported.problems.push(problemOf(error, product));
    }
    onWritten();
  }
  return imported;
}

/** Writes all products of a file in one transaction, or none when one of them can't be written. */
export async function importAll(
  db: Db,
  request: ImportRequest,
  products: readonly FileProduct[],
  choices: Choices,
  onWritten: () => void,
): Promise<Imported> {
  await beginImport(db, request);
  const imported: Imported = { added: 0, updated: 0, skipped: 0, problems: [] };
  try {
    await inTransaction(db, async (client) => {
      await lock(client, request, products);
      for (const product of products) {
        const write = importOne(client, request, product, choices);
        imported[
          await write.catch((error: unknown) => {
            throw new Refused(problemOf(error, product));
          })
        ] += 1;
        onWritten();
      }
    });
    return imported;
  } catch (error) {
    if (error instanceof Refused) return { added: 0, updated: 0, skipped: 0, problems: [error.problem] };
    throw error;
  }
}

/** What we refuse is a mistake in the file; anything else is not, and goes on up. */
function problemOf(error: unknown, { row, handle }: FileProduct): ImportProblem {
  if (!(error instanceof AppError)) throw error;
  const { reason } = error.extras;
  return { row, column: 'Handle', handle, mistake: 'refused', message: error.message, ...(reason && { reason }) };
}

async function lock(client: Queryable, { shopId }: ImportRequest, products: readonly FileProduct[]): Promise<void> {
  await client.query(lockImports, [shopId]);
  const handles = products.map(({ handle }) => handle);
  await client.query(lockProducts, [shopId, handles]);
  await client.query(lockSkus, [shopId, handles]);
}

const importOne = (client: Queryable, request: ImportRequest, file: FileProduct, choices: Choices): Promise<Written> =>
  onceOf(client, request, file.handle, async () => {
    const { shopId } = request;
    const existing = await createProductStore(client).findByHandle(shopId, file.handle);
    if (!existing) return add(client, shopId, file);
    if (choices.existing === 'skip') return 'skipped';
    return update(client, existing, file, choices);
  });

async function add(client: Queryable, shopId: string, file: FileProduct): Promise<Written> {
  const draft = draftOf(shopId, file);
  await createProductStore(client).insert(draft, null);
  for (const [index, sku] of draft.skus.entries()) {
    await insertSku(client, draft.productId, sku);
    await setStock(client, sku.skuId, file.skus[index]!.units ?? 0, shopId);
  }
  return 'added';
}

/** Variants are matched by their option values; those the file does not name stay as they are. */
async function update(client: Queryable, before: ProductRow, file: FileProduct, choices: Choices): Promise<Written> {
  const draft = draftOf(before.shopId, file);
  if (draft.optionNames.length !== before.optionNames.length)
    throw new AppError(
      'CONFLICT',
      `The product has ${before.optionNames.length} options, not ${draft.optionNames.length}.`,
      { reason: 'options-differ' },
    );
  const knownSkus = new Map(before.skus.map((sku) => [variantOf(sku), sku]));
  const newSkus = draft.skus.filter((sku) => !knownSkus.has(variantOf(sku)));
  if (before.skus.length + newSkus.length > catalogLimits.variantsMax)
    throw new AppError('CONFLICT', `A product may have ${catalogLimits.variantsMax} variants.`, { reason: 'too-many' });
  await createProductStore(client).update(changedByFile(before, draft, file));
  for (const [index, sku] of draft.skus.entries()) {
    const known = knownSkus.get(variantOf(sku));
    const { units } = file.skus[index]!;
    if (known) await updateSku(client, skuChangedByFile(known, sku, file, index));
    else await insertSku(client, before.productId, sku);
    if (units !== null && !(known && choices.stock === 'keep'))
      await setStock(client, known?.skuId ?? sku.skuId, units, before.shopId);
  }
  return 'updated';
}

const variantOf = ({ optionValues }: SkuDraft): string => JSON.stringify(optionValues);

function draftOf(shopId: string, { product, csvColumns, skus }: FileProduct): ProductDraft {
  const { draft } = draftProduct(shopId, product);
  const withColumns = draft.skus.map((sku, index) => ({ ...sku, csvColumns: skus[index]!.csvColumns }));
  return { ...draft, csvColumns, skus: withColumns };
}

/**
 * Makes what is not sold `units`, by a movement of free stock. What offers have of it counts too: setting the free stock alone would
 * make units out of nothing while some are on sale.
 */
async function setStock(client: Queryable, skuId: string, units: number, personId: string): Promise<void> {
  const { freeUnits } = await lockFreeUnits(client, skuId);
  // Units leave the free stock under the SKU's lock alone, and are among these from then on until they are booked: the two can be added up.
  const offeredUnits = (await unsoldInOffers(client, [skuId])).get(skuId) ?? 0;
  if (units < offeredUnits)
    throw new AppError('CONFLICT', `${offeredUnits} units of a variant are in offers: its stock can't be ${units}.`, {
      reason: 'units-offered',
    });
  const deltaUnits = units - offeredUnits - freeUnits;
  if (deltaUnits !== 0) await moveStock(client, { skuId, deltaUnits, reason: 'imported', personId });
}
