import type { RightUses } from '../sale/right-uses.ts';
import type { DropPromises } from './drop-promises.ts';

/** Prizes go on to alternates for as long as there are any: fewer people than prizes leave the rest promised to nobody. */
const dropsOf = `
  SELECT (rules->'prize'->>'units')::int AS units, coalesce(array_agg(award_id) FILTER (WHERE w.state = 'offered'), '{}') AS "rightIds",
    CASE g.state WHEN 'drawn'
      THEN least((rules->>'prizeCount')::int, count(*) FILTER (WHERE w.state IN ('waiting', 'offered', 'claimed')))::int
        - count(*) FILTER (WHERE w.state = 'claimed')::int
      ELSE (rules->>'prizeCount')::int END AS prizes
  FROM giveaways g LEFT JOIN giveaway_places w USING (giveaway_id)
  WHERE room_id = $1 AND rules->'prize'->>'offerId' = $2 AND g.state NOT IN ('void', 'cancelled')
  GROUP BY giveaway_id`;

type Drop = { units: number; prizes: number; rightIds: string[] };

export function createDropPromises(rightUses: RightUses): DropPromises {
  return {
    async unitsOf(client, { roomId, offerId }) {
      const { rows } = await client.query<Drop>(dropsOf, [roomId, offerId]);
      const uses = await rightUses.of(
        client,
        rows.flatMap(({ rightIds }) => rightIds),
      );
      const bought = (rightIds: readonly string[]): number => rightIds.filter((id) => uses.get(id) === 'bought').length;
      return rows.reduce((sum, { units, prizes, rightIds }) => sum + units * (prizes - bought(rightIds)), 0);
    },
  };
}
