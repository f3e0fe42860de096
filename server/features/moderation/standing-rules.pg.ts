import type { SanctionKind } from '../../../shared/protocol/moderation.ts';
import type { Queryable } from '../../platform/postgres.ts';
import { stands, toldReason } from './sanctions.pg.ts';

/** For how long yet a sanction stands, ms, by the clock that all gateways share; null: until it is lifted. `told`: why, where the person is to know. */
export type InForce = { personId: string; kind: SanctionKind; leftMs: number | null; told: string | null };

export type StandingRules = {
  sanctioned: InForce[];
  /** Words nobody may say in this room. */
  words: string[];
  keepOutNewGuests: boolean;
};

/** What stands in a room. One question: it is asked for every room where something is said, every two seconds. */
export type ReadStandingRules = (hostId: string, roomId: string) => Promise<StandingRules>;

const read = `
  SELECT
    coalesce((SELECT json_agg(json_build_object('personId', person_id, 'kind', kind,
      'leftMs', extract(epoch FROM until - now()) * 1000, 'told', ${toldReason})) FROM sanctions WHERE ${stands}), '[]') AS sanctioned,
    ARRAY(SELECT word FROM banned_words WHERE room_id = $2 ORDER BY added_at, word) AS words,
    coalesce((SELECT keep_out_new_guests FROM moderation_settings WHERE host_id = $1), false) AS "keepOutNewGuests"`;

export const createStandingRules =
  (db: Queryable): ReadStandingRules =>
  async (hostId, roomId) =>
    (await db.query<StandingRules>(read, [hostId, roomId])).rows[0]!;
