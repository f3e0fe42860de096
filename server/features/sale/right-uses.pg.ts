import type { RightUses } from './right-uses.ts';

const uses = `
  SELECT right_id AS "rightId", CASE state WHEN 'held' THEN 'held' ELSE 'bought' END AS use FROM orders
  WHERE right_id = ANY ($1) AND state NOT IN ('abandoned', 'expired', 'cancelled')`;

export function createRightUses(): RightUses {
  return {
    async of(client, rightIds) {
      if (rightIds.length === 0) return new Map();
      const { rows } = await client.query<{ rightId: string; use: 'held' | 'bought' }>(uses, [rightIds]);
      return new Map(rows.map(({ rightId, use }) => [rightId, use]));
    },
  };
}
