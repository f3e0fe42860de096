import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import type { Sanction, SanctionKind } from '../../../shared/protocol/moderation.ts';
import { violates, type Queryable } from '../../platform/postgres.ts';
import { noteIn } from '../actions/actions.pg.ts';

export type NewSanction = {
  hostId: string;
  /** Where it was spoken. */
  roomId: string;
  /** In all rooms of the host, not in this one alone. */
  everywhere: boolean;
  personId: string;
  kind: SanctionKind;
  reason: string | null;
  /** The person is told the reason. */
  tellsReason?: boolean;
  byId: string;
  seconds: number | null;
  /** Also takes back all that the person wrote in the room where it was spoken. */
  purges: boolean;
};

/** A sanction as it was written down. `untilMs` null: until it is lifted. */
export type Spoken = Omit<NewSanction, 'reason' | 'tellsReason' | 'seconds'> & {
  sanctionId: string;
  untilMs: number | null;
  /** The reason, where the person is to know. */
  toldReason: string | null;
};

export type SanctionStore = {
  /** Writes it down and notes it for the room, not told yet; the one that is there when the same person asks again for the same before it was. @throws AppError NOT_FOUND without such a person, CONFLICT when the list is full. */
  add(sanction: NewSanction): Promise<Spoken>;
  /** It is told where it counts, and what it takes back is taken back. Says nothing about its being lifted since. */
  noteTold(sanctionId: string): Promise<void>;
  /** Of each it is told that it was lifted. */
  noteLiftTold(sanctionIds: readonly string[]): Promise<void>;
  /** What was spoken some seconds ago, stands, and is not noted to be told; `max` at the most, oldest first. */
  untold(max: number): Promise<Spoken[]>;
  /** What is meant and was spoken, and is not noted to be told. */
  untoldAmong(meant: Meant): Promise<Spoken[]>;
  /** Lifts what is meant and told, and notes that; returns it. That it was lifted is not told yet. */
  lift(meant: Meant & { byId: string }): Promise<Spoken[]>;
  /** What was lifted some seconds ago and is not noted to be told so; `max` at the most, oldest first. */
  untoldLifts(max: number): Promise<Spoken[]>;
  /** Notes what ran out as lifted when it did, by nobody; `max` at the most. */
  endOver(max: number): Promise<void>;
  /** Deletes what is over for so long; `max` at the most. */
  forgetOver(days: number, max: number): Promise<void>;
  /** What stands in a room now, newest first; `rows` at the most, spoken before the one that is named. */
  standing(hostId: string, roomId: string, page: { rows: number; before: string | null }): Promise<Sanction[]>;
  /** Whether somebody is banned from all rooms of a host. */
  isBannedBy(hostId: string, personId: string): Promise<boolean>;
  /** Who was banned or kicked from these rooms in the last `seconds`, and still is. */
  putOutLately(roomIds: readonly string[], seconds: number): Promise<LatelyPutOut[]>;
};

/** What stands on one person in this room and, if `everywhere`, in all of the host's; of any kind with null. */
export type Meant = {
  hostId: string;
  roomId: string;
  everywhere: boolean;
  personId: string;
  kind: SanctionKind | null;
};

export type LatelyPutOut = { roomId: string; personId: string; kind: 'ban' | 'kick'; untilMs: number | null };

const notOver = `lifted_at IS NULL AND (until IS NULL OR until > now())`;
/** Of a row of sanctions: stands in room $2 of host $1. */
export const stands = `host_id = $1 AND (room_id IS NULL OR room_id = $2) AND ${notOver}`;

/** All of them are read where they count: one that did not fit in would not count, so it is refused. */
export const standingMax = 10_000;

/** Of a row of sanctions: the reason, where the person is to know. */
export const toldReason = `CASE WHEN tells_reason THEN reason END`;

const spoken = `
  sanction_id AS "sanctionId", host_id AS "hostId", spoken_in AS "roomId", room_id IS NULL AS everywhere,
  person_id AS "personId", kind, by_id AS "byId", purges, ${toldReason} AS "toldReason", (extract(epoch FROM until) * 1000)::bigint AS "untilMs"`;
const insert = `
  WITH again AS (
    SELECT * FROM sanctions WHERE ${stands} AND NOT told AND person_id = $5 AND kind = $6 AND by_id = $8
      AND room_id IS NOT DISTINCT FROM $3 AND spoken_in = $2 AND purges = $10
      AND until - at IS NOT DISTINCT FROM make_interval(secs => $9) LIMIT 1),
  added AS (
    INSERT INTO sanctions (host_id, spoken_in, room_id, sanction_id, person_id, kind, reason, by_id, until, purges, tells_reason, told)
    SELECT $1, $2, $3::uuid, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10, $11, false
    WHERE NOT EXISTS (SELECT FROM again) AND (SELECT count(*) FROM sanctions WHERE ${stands}) < ${standingMax}
    RETURNING *),
  noted AS (${noteIn(`
    SELECT sanction_id, spoken_in, 'sanctioned', by_id, person_id, jsonb_strip_nulls(jsonb_build_object('sanction', kind, 'reason', reason,
      'untilMs', (extract(epoch FROM until) * 1000)::bigint, 'everywhere', room_id IS NULL, 'purge', purges)), NULL::text FROM added`)})
  SELECT ${spoken} FROM again UNION ALL SELECT ${spoken} FROM added`;
/** Whoever carries it out may be slow, and it be lifted meanwhile: that is told by itself. */
const noteTold = 'UPDATE sanctions SET told = true WHERE sanction_id = $1 AND lifted_by IS NULL';
const noteLiftTold = 'UPDATE sanctions SET told = true WHERE sanction_id = ANY ($1) AND lifted_by IS NOT NULL';
/** Whoever spoke it is most likely at it for the first seconds. */
const untold = `
  SELECT ${spoken} FROM sanctions
  WHERE NOT told AND at < now() - interval '5 seconds' AND spoken_in IS NOT NULL AND ${notOver} ORDER BY at LIMIT $1`;

const meant = `${stands} AND (room_id = $2 OR $5) AND person_id = $3 AND ($4::text IS NULL OR kind = $4)`;
const untoldAmong = `SELECT ${spoken} FROM sanctions WHERE ${meant} AND NOT told AND spoken_in IS NOT NULL ORDER BY at`;
/**
 * What is not told stands: it was spoken since those were asked for. Nobody is told of a shadow ban, nor of its end. It is noted where it is
 * lifted, and where it was spoken. The person is locked first, as by who forgets them: else each could wait for the other.
 */
const lift = `
  WITH person AS MATERIALIZED (SELECT person_id FROM people WHERE person_id = $3 FOR KEY SHARE),
  lifted AS (
    UPDATE sanctions SET lifted_at = now(), lifted_by = $6, told = (kind = 'shadow_ban')
    WHERE ${meant} AND (told OR spoken_in IS NULL) AND person_id IN (SELECT person_id FROM person) RETURNING *),
  noted AS (${noteIn(`
    SELECT gen_random_uuid(), heard_in, 'lifted', $6::uuid, person_id, jsonb_build_object('sanction', kind), NULL::text
    FROM (SELECT DISTINCT heard_in, person_id, kind FROM lifted, unnest(ARRAY[spoken_in, $2]) AS heard_in) AS ends
    WHERE heard_in IS NOT NULL`)})
  SELECT ${spoken} FROM lifted`;
const untoldLifts = `
  SELECT ${spoken} FROM sanctions
  WHERE NOT told AND lifted_by IS NOT NULL AND lifted_at < now() - interval '5 seconds' AND spoken_in IS NOT NULL
  ORDER BY at LIMIT $1`;
const endOver = `
  UPDATE sanctions SET lifted_at = until WHERE sanction_id = ANY (ARRAY(
    SELECT sanction_id FROM sanctions WHERE lifted_at IS NULL AND until < now() LIMIT $1))`;
const forgetOver = `
  DELETE FROM sanctions WHERE sanction_id = ANY (ARRAY(
    SELECT sanction_id FROM sanctions WHERE lifted_at < now() - make_interval(days => $1) LIMIT $2))`;

const standing = `
  SELECT s.sanction_id AS "sanctionId", s.person_id AS "personId", p.display_name AS name, s.kind, s.room_id IS NULL AS everywhere, s.reason,
    s.by_id AS "byId", speaker.display_name AS "byName", (extract(epoch FROM s.at) * 1000)::bigint AS "atMs", (extract(epoch FROM s.until) * 1000)::bigint AS "untilMs"
  FROM sanctions s JOIN people p USING (person_id) JOIN people speaker ON speaker.person_id = s.by_id
  WHERE ${stands} AND ($4::uuid IS NULL OR s.sanction_id < $4) ORDER BY s.sanction_id DESC LIMIT $3`;

const isBannedBy = `
  SELECT FROM sanctions WHERE host_id = $1 AND person_id = $2 AND room_id IS NULL AND kind = 'ban' AND ${notOver}
  LIMIT 1`;

const putOutLately = `
  SELECT r.room_id AS "roomId", s.person_id AS "personId", s.kind, (extract(epoch FROM s.until) * 1000)::bigint AS "untilMs"
  FROM rooms r JOIN sanctions s ON s.host_id = r.host_id AND (s.room_id IS NULL OR s.room_id = r.room_id)
  WHERE r.room_id = ANY ($1) AND s.kind IN ('ban', 'kick') AND s.at > now() - make_interval(secs => $2)
    AND ${notOver}
  ORDER BY s.at DESC`;

export function createSanctionStore(db: Queryable): SanctionStore {
  return {
    async add({ hostId, roomId, everywhere, personId, kind, reason, byId, seconds, purges, tellsReason = false }) {
      const scope = everywhere ? null : roomId;
      const values = [hostId, roomId, scope, newId(), personId, kind, reason, byId, seconds, purges, tellsReason];
      const { rows } = await db.query<Spoken>(insert, values).catch((error: unknown) => {
        throw violates(error, 'sanctions_person_id_fkey')
          ? new AppError('NOT_FOUND', 'There is no such person.')
          : error;
      });
      if (!rows[0])
        throw new AppError('CONFLICT', `At most ${standingMax} sanctions stand in a room; lift some first.`, {
          reason: 'too-many',
        });
      return rows[0];
    },
    async noteTold(sanctionId) {
      await db.query(noteTold, [sanctionId]);
    },
    async noteLiftTold(sanctionIds) {
      await db.query(noteLiftTold, [sanctionIds]);
    },
    untoldLifts: async (max) => (await db.query<Spoken>(untoldLifts, [max])).rows,
    untold: async (max) => (await db.query<Spoken>(untold, [max])).rows,
    untoldAmong: async (one) => (await db.query<Spoken>(untoldAmong, valuesOf(one))).rows,
    lift: async (one) => (await db.query<Spoken>(lift, [...valuesOf(one), one.byId])).rows,
    async endOver(max) {
      await db.query(endOver, [max]);
    },
    async forgetOver(days, max) {
      await db.query(forgetOver, [days, max]);
    },
    async standing(hostId, roomId, { rows, before }) {
      return (await db.query<Sanction>(standing, [hostId, roomId, rows, before])).rows;
    },
    async isBannedBy(hostId, personId) {
      return (await db.query(isBannedBy, [hostId, personId])).rowCount === 1;
    },
    async putOutLately(roomIds, seconds) {
      return (await db.query<LatelyPutOut>(putOutLately, [roomIds, seconds])).rows;
    },
  };
}

const valuesOf = ({ hostId, roomId, everywhere, personId, kind }: Meant): unknown[] => [
  hostId,
  roomId,
  personId,
  kind,
  everywhere,
];
