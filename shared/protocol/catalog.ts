import { z } from 'zod';
import { errorReasons } from '../errors.ts';
import { Id, RequestKey, UnixMs } from '../ids.ts';
import { catalogLimits, limits } from '../limits.ts';
import { Currency } from '../money.ts';
import { filledLine, isAllSeen, line, PictureUrl, prose } from '../text.ts';
import { command } from './define.ts';

/** A text in both languages. One may be empty; pages then show the other. */
const localized = (text: typeof line, lengthMax: number) =>
  z.strictObject({
    en: text(lengthMax).default(''),
    zh: text(lengthMax).default(''),
  });
export const Localized = z.object({ en: z.string(), zh: z.string() });
export type Localized = z.infer<typeof Localized>;

const Title = localized(line, catalogLimits.titleLengthMax).refine(({ en, zh }) => en !== '' || zh !== '', {
  message: 'a title in at least one language is needed',
});
const Description = localized(prose, catalogLimits.descriptionLengthMax);
const Image = z.strictObject({ url: PictureUrl, alt: line(512).default('') });
const Handle = z
  .string()
  .regex(/^[^\s,"/?#]{1,255}$/u)
  .refine(isAllSeen, { message: 'has characters that can not be seen' });
const PriceMinor = z.int().min(0).max(catalogLimits.priceMinorMax);
const Units = z.int().min(0).max(catalogLimits.unitsMax);
/** Files separate tags by commas. */
const Tag = filledLine(255).regex(/^[^,]*$/);
const OptionText = filledLine(255);

export const Shop = z.object({
  shopId: Id,
  name: z.string(),
  currency: Currency,
  terms: Localized,
});
export type Shop = z.infer<typeof Shop>;

/** A variant as its merchant enters it. `optionValues` has one value per option name of the product. */
const NewSku = z.strictObject({
  optionValues: z.array(OptionText).max(3).default([]),
  code: line(255).default(''),
  barcode: line(255).default(''),
  priceMinor: PriceMinor,
  compareAtMinor: PriceMinor.nullable().default(null),
  weightGrams: z.int().min(0).max(catalogLimits.weightGramsMax).default(0),
  requiresShipping: z.boolean().default(true),
  imageUrl: z.union([PictureUrl, z.literal('')]).default(''),
  units: Units.default(0).describe('Stock to begin with.'),
});
export type NewSku = z.output<typeof NewSku>;

/** A product as its merchant enters it, by hand or in a file. */
export const NewProduct = z.strictObject({
  handle: Handle.optional().describe('Name in addresses and files. Default: from the title.'),
  title: Title,
  description: Description.default({ en: '', zh: '' }),
  vendor: line(255).default(''),
  kind: line(255).default(''),
  tags: z.array(Tag).max(catalogLimits.tagsMax).default([]),
  optionNames: z.array(OptionText).max(3).default([]),
  images: z.array(Image).max(catalogLimits.imagesMax).default([]),
  published: z.boolean().default(true),
  skus: z.array(NewSku).min(1).max(catalogLimits.variantsMax),
});
export type NewProduct = z.output<typeof NewProduct>;

export const Sku = z.object({
  skuId: Id,
  optionValues: z.array(z.string()),
  code: z.string(),
  barcode: z.string(),
  priceMinor: z.int(),
  compareAtMinor: z.int().nullable(),
  weightGrams: z.int(),
  requiresShipping: z.boolean(),
  imageUrl: z.string(),
  freeUnits: z.int().nullable().describe('Units no offer holds; null for everybody but the merchant.'),
});
export type Sku = z.infer<typeof Sku>;

export const Product = z.object({
  productId: Id,
  shopId: Id,
  currency: Currency,
  handle: z.string(),
  title: Localized,
  description: Localized.describe('Plain text; HTML of imported files is reduced to it.'),
  vendor: z.string(),
  kind: z.string(),
  tags: z.array(z.string()),
  optionNames: z.array(z.string()),
  images: z.array(z.object({ url: z.string(), alt: z.string() })),
  published: z.boolean(),
  version: z.int().nonnegative().describe('Rises with every change of the product or of a variant, not of its stock.'),
  skus: z.array(Sku),
});
export type Product = z.infer<typeof Product>;

const seenVersion = z
  .int()
  .nonnegative()
  .optional()
  .describe(
    'The version of the product you saw: when it is another one by now, nothing is changed (CONFLICT, changed-meanwhile), unless all is as you ask. Default: whatever it is.',
  );

const Products = z.object({ products: z.array(Product), next: z.string().nullable() });

/** One page of a listing. `after` is the `next` of the page before. */
const page = (next: z.ZodString | z.ZodUUID) => ({
  after: next.optional(),
  limit: z.int().min(1).max(limits.pageRowsMax).default(50),
});
const MovementNumber = z.string().regex(/^\d{1,15}$/);
const search = line(100).optional().describe('Every word must be in title, handle, vendor, kind or a tag.');

export const StockReason = z.enum(['received', 'correction', 'damaged', 'lost', 'gift']);

export const StockMovement = z.object({
  movementId: z.int(),
  deltaUnits: z.int(),
  freeUnits: z.int(),
  reason: z.string(),
  note: z.string(),
  personId: Id.nullable(),
  personName: z
    .string()
    .nullable()
    .describe('What whoever did it is called now; null when nobody did, or they are gone.'),
  offerId: Id.nullable(),
  orderId: Id.nullable(),
  movedAtMs: UnixMs,
});
export type StockMovement = z.infer<typeof StockMovement>;

/** Choices of an import: `POST /api/shops/:shopId/import`, a CSV file as body. */
export const ImportChoices = z.strictObject({
  requestKey: RequestKey,
  mode: z
    .enum(['keep-good', 'all-or-nothing'])
    .default('keep-good')
    .describe('What happens when some products of the file have mistakes.'),
  existing: z
    .enum(['update', 'skip'])
    .default('update')
    .describe('Products whose handle the shop has already: changed in what the file has a column for, or left alone.'),
  stock: z
    .enum(['set', 'keep'])
    .default('keep')
    .describe('Stock of existing variants: as it is, or what is not sold of them, in offers too, as in the file.'),
  language: z.enum(['en', 'zh']).default('en').describe('Of Title and Body columns. Texts of the other one stay.'),
});
export type ImportChoices = z.output<typeof ImportChoices>;

/** What is wrong with a cell: for programs, and for people who do not read the English message. `form`: anything else. */
export const ImportMistake = z.enum(['missing', 'flag', 'count', 'number', 'amount', 'refused', 'form']);
export type ImportMistake = z.infer<typeof ImportMistake>;

/** A mistake in an imported file. `row` counts like a spreadsheet: the header is row 1. */
export const ImportProblem = z.object({
  row: z.int(),
  column: z.string(),
  handle: z.string(),
  mistake: ImportMistake.describe('refused: the file is well, but the shop has something that does not go with it.'),
  message: z.string(),
  reason: z.enum(errorReasons).optional().describe('Of what was refused: what stands in the way.'),
});
export type ImportProblem = z.infer<typeof ImportProblem>;

/** What an import did. A product with a mistake in any row is left out whole. */
export const ImportReport = z.object({
  outcome: z.enum(['imported', 'refused']).describe('refused: all-or-nothing, and there was a mistake.'),
  added: z.int(),
  updated: z.int(),
  skipped: z.int(),
  problemCount: z.int(),
  problems: z.array(ImportProblem).describe('The first 500.'),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** How far an import is. */
export const ImportProgress = z.object({
  shopId: Id,
  requestKey: z.string(),
  done: z.int().describe('Products of the file that are written, or could not be.'),
  of: z.int().describe('Products of the file.'),
});
export type ImportProgress = z.infer<typeof ImportProgress>;

export const catalogCommands = {
  'shop:open': command({
    summary:
      'Opens the shop of this account, or changes it. The currency may be corrected until something was put on sale; amounts stay as they are written.',
    input: z.strictObject({
      name: filledLine(catalogLimits.shopNameLengthMax),
      currency: Currency,
      terms: localized(prose, catalogLimits.termsLengthMax).default({ en: '', zh: '' }),
    }),
    output: Shop,
    http: { method: 'PUT', path: '/api/shop' },
  }),
  'shop:read': command({
    summary: 'Tells about a shop.',
    input: z.strictObject({ shopId: Id }),
    output: Shop,
    http: { method: 'GET', path: '/api/shops/:shopId' },
  }),
  'shop:products': command({
    summary:
      'Lists the products of the own shop with their stock, newest first, unpublished ones too. The search finds SKU codes and barcodes besides.',
    input: z.strictObject({ shopId: Id, search, ...page(Id) }),
    output: Products,
    http: { method: 'GET', path: '/api/shops/:shopId/products' },
  }),
  'product:search': command({
    summary: 'Finds published products, newest first, of one shop or of all.',
    input: z.strictObject({ shopId: Id.optional(), search, ...page(Id) }),
    output: Products,
    http: { method: 'GET', path: '/api/products' },
  }),
  'product:read': command({
    summary: 'Tells about a product, also who has no session. Only its merchant sees an unpublished one.',
    input: z.strictObject({ productId: Id }),
    output: Product,
    http: { method: 'GET', path: '/api/products/:productId' },
  }),
  'product:add': command({
    summary: 'Adds a product with its variants and their stock.',
    input: NewProduct.extend({ shopId: Id, requestKey: RequestKey }),
    output: Product,
    http: { method: 'POST', path: '/api/shops/:shopId/products' },
  }),
  'product:change': command({
    summary: 'Changes what is given of a product. Variants are changed one by one.',
    input: z.strictObject({
      productId: Id,
      seenVersion,
      title: Title.optional(),
      description: Description.optional(),
      vendor: line(255).optional(),
      kind: line(255).optional(),
      tags: z.array(Tag).max(catalogLimits.tagsMax).optional(),
      images: z.array(Image).max(catalogLimits.imagesMax).optional(),
      published: z.boolean().optional(),
    }),
    output: Product,
    http: { method: 'PATCH', path: '/api/products/:productId' },
  }),
  'product:archive': command({
    summary: 'Takes a product out of the catalog for good. Orders keep what they say.',
    input: z.strictObject({ productId: Id }),
    output: z.object({ archived: z.boolean() }),
    http: { method: 'DELETE', path: '/api/products/:productId' },
  }),
  'product:add-sku': command({
    summary: 'Adds a variant to a product.',
    input: NewSku.extend({ productId: Id, requestKey: RequestKey }),
    output: Product,
    http: { method: 'POST', path: '/api/products/:productId/skus' },
  }),
  'sku:change': command({
    summary: 'Changes what is given of a variant. Open offers and orders keep their price.',
    input: z.strictObject({
      skuId: Id,
      seenVersion,
      code: line(255).optional(),
      barcode: line(255).optional(),
      priceMinor: PriceMinor.optional(),
      compareAtMinor: PriceMinor.nullable().optional(),
      weightGrams: z.int().min(0).max(catalogLimits.weightGramsMax).optional(),
      requiresShipping: z.boolean().optional(),
      imageUrl: z.union([PictureUrl, z.literal('')]).optional(),
    }),
    output: Product,
    http: { method: 'PATCH', path: '/api/skus/:skuId' },
  }),
  'sku:archive': command({
    summary: 'Takes a variant out of its product for good; the last one can only go with the product.',
    input: z.strictObject({ skuId: Id }),
    output: z.object({ outcome: z.enum(['archived', 'last_variant']) }),
    http: { method: 'DELETE', path: '/api/skus/:skuId' },
  }),
  'stock:adjust': command({
    summary: 'Adds units to the free stock of a SKU, or takes some out, for a reason.',
    input: z.strictObject({
      skuId: Id,
      deltaUnits: z
        .int()
        .min(-catalogLimits.unitsMax)
        .max(catalogLimits.unitsMax)
        .refine((delta) => delta !== 0, { message: 'must not be 0' }),
      reason: StockReason,
      note: line(500).default(''),
      requestKey: RequestKey,
    }),
    output: z.object({ outcome: z.enum(['adjusted', 'not_enough', 'too_many']), freeUnits: z.int() }),
    http: { method: 'POST', path: '/api/skus/:skuId/stock' },
  }),
  'stock:movements': command({
    summary: 'Lists every change of the free stock of a SKU, newest first.',
    input: z.strictObject({ skuId: Id, ...page(MovementNumber) }),
    output: z.object({ movements: z.array(StockMovement), next: z.string().nullable() }),
    http: { method: 'GET', path: '/api/skus/:skuId/stock' },
  }),
};

export const catalogNotices = {
  /** To every socket of the merchant, at most twice a second while the products of a file are written. The answer of the import is its end. */
  'shop:importing': ImportProgress,
};
