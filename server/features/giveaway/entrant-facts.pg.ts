import { levelOfPoints } from '../../../shared/fan-levels.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { EntrantFactsSource } from './entrant-facts.ts';
import type { WatchTime } from './watch-time.ts';

/** One statement for a whole batch. It reads the tables of three features, because three calls a person would be a stampede. */
const ledgerFacts = `
  SELECT
    EXISTS (SELECT FROM follows f WHERE f.host_id = $1 AND f.person_id = who.person_id) AS follows,
    (SELECT points FROM fan_memberships m
     WHERE m.club_id = $1 AND m.person_id = who.person_id AND m.state = 'member') AS "fanPoints",
    EXISTS (SELECT FROM orders o WHERE o.room_id = $2 AND o.buyer_id = who.person_id
            AND o.state IN ('paid', 'shipped', 'delivered')) AS "boughtInRoom"
  FROM unnest($3::uuid[]) WITH ORDINALITY AS who (person_id, place) ORDER BY place`;

type LedgerFacts = { follows: boolean; fanPoints: number | null; boughtInRoom: boolean };

export function createEntrantFacts(db: Queryable, watchTime: WatchTime): EntrantFactsSource {
  return {
    async of({ giveawayId, roomId, hostId }, personIds) {
      const [{ rows }, watched, said] = await Promise.all([
        db.query<LedgerFacts>(ledgerFacts, [hostId, roomId, personIds]),
        watchTime.of(roomId, personIds),
        watchTime.said(roomId, giveawayId, personIds),
      ]);
      return rows.map(({ fanPoints, ...facts }, i) => ({
        ...facts,
        ...watched[i]!,
        fanLevel: fanPoints === null ? 0 : levelOfPoints(fanPoints),
        saidKeyword: said[i]!,
      }));
    },
  };
}
