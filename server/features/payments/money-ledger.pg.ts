import type { Queryable } from '../../platform/postgres.ts';
import type { MoneyTransfer } from './money-transfers.ts';

const insertTransfer = `INSERT INTO money_transfers (cause, order_id) VALUES ($1, $2) RETURNING transfer_id AS "transferId"`;
const insertEntries = `
  INSERT INTO money_entries (transfer_id, currency, account, amount_minor)
  SELECT $1, $2, account, amount_minor FROM unnest($3::text[], $4::bigint[]) AS entry (account, amount_minor)`;

const balances = `
  SELECT account, currency, sum(amount_minor)::bigint AS "balanceMinor" FROM money_entries
  WHERE $1::text IS NULL OR account = $1 GROUP BY account, currency ORDER BY account, currency`;

export type AccountBalance = { account: string; currency: string; balanceMinor: number };

/** Writes a transfer in the caller's transaction. A transfer of nothing is nothing. A second one of the same cause throws. */
export async function book(client: Queryable, { cause, orderId, currency, entries }: MoneyTransfer): Promise<void> {
  const moving = entries.filter(({ amountMinor }) => amountMinor !== 0);
  if (moving.length === 0) return;
  const { rows } = await client.query<{ transferId: number }>(insertTransfer, [cause, orderId]);
  await client.query(insertEntries, [
    rows[0]!.transferId,
    currency,
    moving.map(({ account }) => account),
    moving.map(({ amountMinor }) => amountMinor),
  ]);
}

/** What each account holds: the sum of its entries. Null: all accounts. */
export async function balancesOf(db: Queryable, account: string | null): Promise<AccountBalance[]> {
  return (await db.query<AccountBalance>(balances, [account])).rows;
}
