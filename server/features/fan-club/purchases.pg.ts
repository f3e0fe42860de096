import type { Queryable } from '../../platform/postgres.ts';

const bought = `
  SELECT EXISTS (
    SELECT FROM orders o JOIN rooms r USING (room_id)
    WHERE o.buyer_id = $2 AND r.host_id = $1 AND o.state IN ('paid', 'shipped', 'delivered')
  ) AS bought`;

/** Whether somebody has a paid order, not refunded, from any room of a host. */
export async function hasBoughtFrom(db: Queryable, hostId: string, personId: string): Promise<boolean> {
  return (await db.query<{ bought: boolean }>(bought, [hostId, personId])).rows[0]!.bought;
}
