import type { Queryable } from '../../platform/postgres.ts';
import type { PutOut, PutOuts } from './put-outs.ts';

const ms = (instant: string): string => `(extract(epoch FROM ${instant}) * 1000)::bigint`;

/** Bans and kicks, and in a room for fans whose membership the host ended: as it was, also when they were let in again since. */
const since = `
  SELECT person_id AS "personId", ${ms('at')} AS "fromMs", ${ms('least(until, lifted_at)')} AS "untilMs"
  FROM sanctions WHERE host_id = $1 AND (room_id IS NULL OR room_id = $2) AND kind IN ('ban', 'kick')
    AND coalesce(least(until, lifted_at), 'infinity') >= to_timestamp($3::float8 / 1000)
  UNION ALL
  SELECT person_id, ${ms('at')}, ${ms('in_at')} FROM (
    SELECT p.person_id, p.is_out, p.at, lead(p.at) OVER (PARTITION BY p.person_id ORDER BY p.row_id) AS in_at
    FROM rooms r JOIN fan_club_put_outs p ON p.club_id = r.host_id WHERE r.room_id = $2 AND r.open_to = 'fans'
  ) AS turns WHERE is_out AND coalesce(in_at, 'infinity') >= to_timestamp($3::float8 / 1000)
  ORDER BY 1, 2`;

export function createPutOuts(db: Queryable): PutOuts {
  return {
    since: async ({ hostId, roomId }, sinceMs) => (await db.query<PutOut>(since, [hostId, roomId, sinceMs])).rows,
  };
}
