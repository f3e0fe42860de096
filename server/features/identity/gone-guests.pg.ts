import { inTransaction, type Db } from '../../platform/postgres.ts';

/** Guests deleted in one go, so that the locks are short. */
const guestsPerLookMax = 20_000;
/** It may read whole tables; the limit of ordinary statements is too short for it. */
const lookMsMax = 5 * 60_000;

/**
 * Where a person stands in the books, by table and column: what was bought, won, moderated or run by somebody keeps naming
 * them. (Chat lines carry the name themselves. What is not here goes with the person, or is its owner's own: ON DELETE CASCADE.)
 */
export const booksNaming: readonly (readonly [table: string, column: string])[] = [
  ['orders', 'buyer_id'],
  ['order_events', 'person_id'],
  ['offer_waiters', 'person_id'],
  ['payments', 'buyer_id'],
  ['refunds', 'person_id'],
  ['giveaways', 'host_id'],
  ['giveaway_entries', 'person_id'],
  ['giveaway_places', 'person_id'],
  ['rights_to_buy', 'person_id'],
  ['fan_clubs', 'club_id'],
  ['fan_memberships', 'person_id'],
  ['rooms', 'host_id'],
  ['offers', 'host_id'],
  ['offers', 'merchant_id'],
  ['shops', 'shop_id'],
  ['stock_movements', 'person_id'],
  ['sanctions', 'by_id'],
  ['sanctions', 'lifted_by'],
  ['banned_words', 'added_by'],
  ['held_messages', 'decided_by'],
];

/** The first day is left to guests who are just being made: their session comes a statement later. */
const forget = `
  DELETE FROM people WHERE person_id IN (
    SELECT person_id FROM people AS p
    WHERE kind = 'guest' AND created_at < now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM sessions WHERE sessions.person_id = p.person_id)
      ${booksNaming.map(([table, column]) => `AND NOT EXISTS (SELECT FROM ${table} WHERE ${table}.${column} = p.person_id)`).join('\n      ')}
    LIMIT ${guestsPerLookMax})`;

/**
 * Deletes guests who can't come back: a guest has no password, so with the last session their identity is gone for good. Returns
 * how many.
 */
export function forgetGoneGuests(db: Db): Promise<number> {
  return inTransaction(db, async (client) => {
    await client.query(`SET LOCAL statement_timeout = ${lookMsMax}`);
    const statement = { text: forget, query_timeout: lookMsMax };
    return (await client.query(statement)).rowCount ?? 0;
  });
}
