import { noId } from '../../platform/pages.ts';
import type { Db } from '../../platform/postgres.ts';

/** One look goes on for so long at the most; the next begins anew. */
const lookMsMax = 5 * 60_000;

/**
 * Where a person stands in the books, by table and column: what was bought, won, moderated or run by somebody keeps naming
 * them. (Chat lines, and what staff did to somebody, carry the name themselves. What is not here goes with the person, or is its owner's
 * own: ON DELETE CASCADE.)
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
  ['stock_owed', 'person_id'],
  ['sanctions', 'by_id'],
  ['sanctions', 'lifted_by'],
  ['banned_words', 'added_by'],
  ['held_messages', 'decided_by'],
  ['chat_reports', 'settled_by'],
  ['room_actions', 'by_id'],
];

/**
 * Looks at the guests after an instant and id, a page of them, and deletes those who are gone. The first day is left to guests
 * who are just being made: their session comes a statement later. Who wrote, or reported, something that still
 * waits for a moderator stays.
 */
const forget = `
  WITH page AS MATERIALIZED (
    SELECT person_id, created_at FROM people
    WHERE kind = 'guest' AND created_at < now() - interval '1 day' AND (created_at, person_id) > ($1, $2)
    ORDER BY created_at, person_id LIMIT $3
  ), gone AS (
    DELETE FROM people AS p USING page
    WHERE p.person_id = page.person_id AND p.kind = 'guest'
      AND NOT EXISTS (SELECT FROM sessions WHERE sessions.person_id = p.person_id)
      AND NOT EXISTS (SELECT FROM held_messages WHERE sender_id = p.person_id AND decision IS NULL)
      AND NOT EXISTS (SELECT FROM chat_reports WHERE sender_id = p.person_id AND settled_at IS NULL)
      AND NOT EXISTS (SELECT FROM chat_reports WHERE person_id = p.person_id AND settled_at IS NULL)
      ${booksNaming.map(([table, column]) => `AND NOT EXISTS (SELECT FROM ${table} WHERE ${table}.${column} = p.person_id)`).join('\n      ')}
    RETURNING 1
  )
  SELECT created_at::text AS "createdAt", person_id AS "personId", (SELECT count(*) FROM gone) AS forgotten
  FROM page ORDER BY created_at DESC, person_id DESC LIMIT 1`;

type Place = { createdAt: string; personId: string };
type Looked = Place & { forgotten: number };
const beginning: Place = { createdAt: '-infinity', personId: noId };

/**
 * Deletes guests who can't come back: a guest has no password, so with the last session their identity is gone for good. Returns
 * how many. Each page is a transaction of its own, so that what is done stays done and locks are short.
 */
export async function forgetGoneGuests(db: Db, { pageRows = 500 } = {}): Promise<number> {
  const giveUpAtMs = performance.now() + lookMsMax;
  let forgotten = 0;
  let after: Place | null = beginning;
  while (after && performance.now() < giveUpAtMs) {
    const page: Looked | undefined = (await db.query<Looked>(forget, [after.createdAt, after.personId, pageRows]))
      .rows[0];
    forgotten += page?.forgotten ?? 0;
    after = page ?? null;
  }
  return forgotten;
}
