import { AppError } from '../../../shared/errors.ts';
import type { Queryable } from '../../platform/postgres.ts';

export type FunnelCounts = { viewers: number; entrants: number; joined: number; buyers: number };
export type Funnel = { of(giveawayId: string): Promise<FunnelCounts> };

/** Of those who entered: who became a fan since it was published, and who has a paid order of the room. */
const counts = `
  SELECT g.room_id AS "roomId", g.entry_count AS entrants,
    (SELECT count(*)::int FROM giveaway_entries e JOIN fan_memberships m ON m.club_id = g.host_id AND m.person_id = e.person_id
     WHERE e.giveaway_id = g.giveaway_id AND m.state = 'member' AND m.joined_at >= g.published_at) AS joined,
    (SELECT count(DISTINCT o.buyer_id)::int FROM giveaway_entries e JOIN orders o ON o.room_id = g.room_id AND o.buyer_id = e.person_id
     WHERE e.giveaway_id = g.giveaway_id AND o.state IN ('paid', 'shipped', 'delivered')) AS buyers
  FROM giveaways g WHERE g.giveaway_id = $1`;

/** From viewer to entrant to fan to buyer. */
export function createFunnel(db: Queryable, viewersOf: (roomId: string) => Promise<number>): Funnel {
  return {
    async of(giveawayId) {
      const row = (await db.query<Omit<FunnelCounts, 'viewers'> & { roomId: string }>(counts, [giveawayId])).rows[0];
      if (!row) throw new AppError('NOT_FOUND');
      const { roomId, ...counted } = row;
      return { viewers: await viewersOf(roomId), ...counted };
    },
  };
}
