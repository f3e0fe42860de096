import { AppError } from '../../../shared/errors.ts';
import type { Queryable } from '../../platform/postgres.ts';

/** What became of one product of a file. */
export type Written = 'added' | 'updated' | 'skipped';

/** One import: a file and its choices, under the key of its sender. */
export type ImportRequest = { shopId: string; requestKey: string; requestHash: Buffer };

/** Nobody sends a file again after so long; then its key may be used anew. */
const forgetOld = `DELETE FROM product_imports WHERE shop_id = $1 AND begun_at < now() - interval '7 days'`;
const begin = `
  INSERT INTO product_imports (shop_id, request_key, request_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
const hashOf = `SELECT request_hash AS "requestHash" FROM product_imports WHERE shop_id = $1 AND request_key = $2`;

const outcomeOf = `
  SELECT outcome FROM imported_products WHERE shop_id = $1 AND request_key = $2 AND handle = $3`;
const keepOutcome = `
  INSERT INTO imported_products (shop_id, request_key, handle, outcome) VALUES ($1, $2, $3, $4)`;

/** Begins an import, or goes on with it. @throws AppError KEY_REUSED when its key came with another file, or other choices. */
export async function beginImport(db: Queryable, { shopId, requestKey, requestHash }: ImportRequest): Promise<void> {
  await db.query(forgetOld, [shopId]);
  await db.query(begin, [shopId, requestKey, requestHash]);
  const { rows } = await db.query<{ requestHash: Buffer }>(hashOf, [shopId, requestKey]);
  if (!rows[0]?.requestHash.equals(requestHash)) throw new AppError('KEY_REUSED');
}

/** Does `write` once for each product of an import, in the caller's transaction, which holds the shop's import lock. */
export async function onceOf(
  client: Queryable,
  { shopId, requestKey }: ImportRequest,
  handle: string,
  write: () => Promise<Written>,
): Promise<Written> {
  const { rows } = await client.query<{ outcome: Written }>(outcomeOf, [shopId, requestKey, handle]);
  if (rows[0]) return rows[0].outcome;
  const outcome = await write();
  await client.query(keepOutcome, [shopId, requestKey, handle, outcome]);
  return outcome;
}
