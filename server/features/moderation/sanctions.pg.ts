import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Sanction, SanctionKind } from '../../../shared/protocol/moderation.ts';
import { violates, type Queryable } from '../../platform/postgres.ts';

export type NewSanction = {
  hostId: string;
  /** Where it was spoken. */
  roomId: string;
  /** In all rooms of the host, not in this one alone. */
  everywhere: boolean;
  personId: string;
  kind: SanctionKind;
  reason: string | null;
  byId: string;
  seconds: number | null;
};

export type SanctionStore = {
  /** Returns until when, Unix ms; null: until lifted. @throws AppError NOT_FOUND without such a person, CONFLICT when the list is full. */
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
  /** Whether somebody is banned from all rooms of a host. */
  isBannedBy(hostId: string, personId: string): Promise<boolean>;
  /** Who was banned or kicked from these rooms in the last `seconds`, and still is. */
  putOutLately(roomIds: readonly string[], seconds: number): Promise<LatelyPutOut[]>;
};

export type LatelyPutOut = { roomId: string; personId: string; kind: 'ban' | 'kick' };

const notOver = `lifted_at IS NULL AND (until IS NULL OR until > now())`;
const stands = `host_id = $1 AND (room_id IS NULL OR room_id = $2) AND ${notOver}`;

/** All of them are read where they count: one that did not fit in would not count, so it is refused. */
export const standingMax = 10_000;

const insert = `
  INSERT INTO sanctions (host_id, room_id, sanction_id, person_id, kind, reason, by_id, until)
  SELECT $1, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9)
  WHERE (SELECT count(*) FROM sanctions WHERE ${stands}) < ${standingMax}
  RETURNING (extract(epoch FROM until) * 1000)::bigint AS "untilMs"`;

const lift = `
  UPDATE sanctions SET lifted_at = now(), lifted_by = $5
  WHERE ${stands} AND person_id = $3 AND ($4::text IS NULL OR kind = $4) RETURNING kind`;

const standing = `
  SELECT s.person_id AS "personId", p.display_name AS name, s.kind, s.reason,
    (extract(epoch FROM s.at) * 1000)::bigint AS "atMs", (extract(epoch FROM s.until) * 1000)::bigint AS "untilMs"
  FROM sanctions s JOIN people p USING (person_id) WHERE ${stands} ORDER BY s.at DESC`;

const isBannedBy = `
  SELECT FROM sanctions WHERE host_id = $1 AND person_id = $2 AND room_id IS NULL AND kind = 'ban' AND ${notOver}
  LIMIT 1`;

const putOutLately = `
  SELECT r.room_id AS "roomId", s.person_id AS "personId", s.kind
  FROM rooms r JOIN sanctions s ON s.host_id = r.host_id AND (s.room_id IS NULL OR s.room_id = r.room_id)
  WHERE r.room_id = ANY ($1) AND s.kind IN ('ban', 'kick') AND s.at > now() - make_interval(secs => $2)
    AND s.lifted_at IS NULL AND (s.until IS NULL OR s.until > now())
  ORDER BY s.at DESC`;

export function createSanctionStore(db: Queryable): SanctionStore {
  return {
    async add({ hostId, roomId, everywhere, personId, kind, reason, byId, seconds }) {
      const scope = everywhere ? null : roomId;
      const values = [hostId, roomId, scope, newId(), personId, kind, reason, byId, seconds];
      const { rows } = await db.query<{ untilMs: number | null }>(insert, values).catch((error: unknown) => {
        throw violates(error, 'sanctions_person_id_fkey')
          ? new AppError('NOT_FOUND', 'There is no such person.')
          : error;
      });
      if (!rows[0])
        throw new AppError('CONFLICT', `At most ${standingMax} sanctions stand in a room; lift some first.`, {
          reason: 'too-many',
        });
      return rows[0].untilMs;
    },
    async lift({ hostId, roomId, personId, kind, byId }) {
      const { rows } = await db.query<{ kind: SanctionKind }>(lift, [hostId, roomId, personId, kind, byId]);
      return [...new Set(rows.map((row) => row.kind))];
    },
    async standing(hostId, roomId) {
      return (await db.query<Sanction>(standing, [hostId, roomId])).rows;
    },
    async isBannedBy(hostId, personId) {
      return (await db.query(isBannedBy, [hostId, personId])).rowCount === 1;
    },
    async putOutLately(roomIds, seconds) {
      return (await db.query<LatelyPutOut>(putOutLately, [roomIds, seconds])).rows;
    },
  };
}
