import type { Queryable } from '../../platform/postgres.ts';
import type { Follows } from '../follow/follows.ts';

const sinceMs = `
  SELECT (extract(epoch FROM since) * 1000)::bigint AS "sinceMs" FROM follows WHERE host_id = $1 AND person_id = $2`;

/** Who follows whom, straight from the table. */
export function createFollowedSince(db: Queryable): Follows {
  return {
    async sinceMs(hostId, personId) {
      return (await db.query<{ sinceMs: number }>(sinceMs, [hostId, personId])).rows[0]?.sinceMs ?? null;
    },
  };
}
