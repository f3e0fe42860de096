import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Sanction, SanctionKind } from '../../../shared/protocol/moderation.ts';
import { violates, type Queryable } from '../../platform/postgres.ts';

export type NewSanction = {
  hostId: string;
  /** Null: in all rooms of the host. */
  roomId: string | null;
  personId: string;
  kind: SanctionKind;
  reason: string | null;
  byId: string;
  seconds: number | null;
};

export type SanctionStore = {
  /** Returns until when, Unix ms; null: until lifted. @throws AppError NOT_FOUND without such a person. */
  add(sanction: NewSanction): Promise<number | null>;
  /** Lifts what stands in this room and in all of the host's. Returns the kinds that were lifted. */
  lift(where: {
    hostId: string;
    roomId: string;
    personId: string;
    kind: SanctionKind | null;
    byId: string;
  }): Promise<SanctionKind[]>;
  /** What stands in a room now. */
  standing(hostId: string, roomId: string): Promise<Sanction[]>;
};

const insert = `
  INSERT INTO sanctions (sanction_id, host_id, room_id, person_id, kind, reason, by_id, until)
  VALUES ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))
  RETURNING (extract(epoch FROM until) * 1000)::bigint AS "untilMs"`;

const stands = `host_id = $1 AND (room_id IS NULL OR room_id = $2) AND lifted_at IS NULL AND (until IS NULL OR until > now())`;

const lift = `
  UPDATE sanctions SET lifted_at = now(), lifted_by = $5
  WHERE ${stands} AND person_id = $3 AND ($4::text IS NULL OR kind = $4) RETURNING kind`;

/** Bounded: who stands on a list longer than this is on it because of a raid, and the newest matter most. */
const standingMax = 10_000;
const standing = `
  SELECT s.person_id AS "personId", p.display_name AS name, s.kind, s.reason,
    (extract(epoch FROM s.at) * 1000)::bigint AS "atMs", (extract(epoch FROM s.until) * 1000)::bigint AS "untilMs"
  FROM sanctions s JOIN people p USING (person_id) WHERE ${stands} ORDER BY s.at DESC LIMIT ${standingMax}`;

export function createSanctionStore(db: Queryable): SanctionStore {
  return {
    async add({ hostId, roomId, personId, kind, reason, byId, seconds }) {
      const values = [newId(), hostId, roomId, personId, kind, reason, byId, seconds];
      const { rows } = await db.query<{ untilMs: number | null }>(insert, values).catch((error: unknown) => {
        throw violates(error, 'sanctions_person_id_fkey')
          ? new AppError('NOT_FOUND', 'There is no such person.')
          : error;
      });
      return rows[0]!.untilMs;
    },
    async lift({ hostId, roomId, personId, kind, byId }) {
      const { rows } = await db.query<{ kind: SanctionKind }>(lift, [hostId, roomId, personId, kind, byId]);
      return [...new Set(rows.map((row) => row.kind))];
    },
    async standing(hostId, roomId) {
      return (await db.query<Sanction>(standing, [hostId, roomId])).rows;
    },
  };
}
