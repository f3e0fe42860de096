import type { PossibleStaff } from '../../../shared/protocol/room.ts';
import type { Queryable } from '../../platform/postgres.ts';
import { containing } from '../../platform/search-patterns.ts';

/** People told of at once; whoever is not among them is found by a part of the name. */
const toldMax = 20;
/** Fans with most points, and newest followers, who are looked through: for a list without a search, and for a search. */
const lookedAtMax = { list: 100, search: 10_000 } as const;
/** Shows of the host, the latest, whose helpers are known. */
const showsMax = 200;

/** $1: host, $2: room, $3: pattern for `ILIKE`, $4: how many fans and followers are looked through. */
const possible = `
  WITH helped AS (
    SELECT s.person_id, (array_agg(s.role ORDER BY s.since DESC))[1] AS role, max(s.since) AS at
    FROM (SELECT room_id FROM rooms WHERE host_id = $1 ORDER BY created_at DESC LIMIT ${showsMax}) AS latest
    JOIN room_staff s USING (room_id) GROUP BY s.person_id),
  fans AS (
    SELECT person_id, points FROM fan_memberships WHERE club_id = $1 AND state = 'member'
    ORDER BY points DESC, person_id LIMIT $4),
  followers AS (SELECT person_id, since FROM follows WHERE host_id = $1 ORDER BY since DESC LIMIT $4)
  SELECT person_id AS "personId", p.display_name AS name, helped.role AS "helpedAs", points IS NOT NULL AS "isFan"
  FROM helped FULL JOIN fans USING (person_id) FULL JOIN followers USING (person_id) JOIN people p USING (person_id)
  WHERE p.display_name ILIKE $3 AND person_id <> $1 AND person_id NOT IN (SELECT s.person_id FROM room_staff s WHERE s.room_id = $2)
  ORDER BY helped.at DESC NULLS LAST, points DESC NULLS LAST, followers.since DESC NULLS LAST, person_id LIMIT ${toldMax}`;

/**
 * Who may be asked to help in a room, before anybody is in it: who helped the host before, then fans, then followers. Nobody else is
 * found by name, so that nobody is looked up whom the host has nothing to do with.
 */
export const createPossibleStaff =
  (db: Queryable) =>
  async (hostId: string, roomId: string, query: string): Promise<PossibleStaff[]> => {
    const values = [hostId, roomId, containing(query), query === '' ? lookedAtMax.list : lookedAtMax.search];
    return (await db.query<PossibleStaff>(possible, values)).rows;
  };
