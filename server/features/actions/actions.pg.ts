import type { Action } from '../../../shared/protocol/action.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { NewAction } from './actions.ts';

/** `before`: the key of a row. Nobody reads that they were shadow-banned themselves, whatever they are since: of that, nobody is told. */
export type ActionsPage = { roomId: string; readerId: string; rows: number; before: string | null };

/** Whose line it was may be gone for good by now. */
const note = `
  INSERT INTO room_actions (action_id, room_id, kind, by_id, person_id, detail, once)
  VALUES ($1, $2, $3, $4, (SELECT person_id FROM people WHERE person_id = $5), $6, $7)
  ON CONFLICT DO NOTHING`;

/** $2: Unix µs, $3: an id; both null on the first page. */
const lastAt = `coalesce('epoch'::timestamptz + $2::bigint * interval '1 microsecond', 'infinity')`;
const lastId = `coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')`;
const page = (at: string, id: string): string =>
  `${at} <= ${lastAt} AND (${at}, ${id}) < (${lastAt}, ${lastId}) ORDER BY ${at} DESC, ${id} DESC LIMIT $4`;
const microseconds = (at: string): string => `(extract(epoch FROM ${at}) * 1000000)::bigint`;

const isToldReader = `NOT (kind = 'shadow_ban' AND person_id = $5)`;

/** Of each kind of row a page at the most is read, in the order of an index. */
const list = `
  SELECT ${microseconds('a.at')} || '-' || a.id AS key, (extract(epoch FROM a.at) * 1000)::bigint AS "atMs", a.kind,
    a.by_id AS "byId", who.display_name AS "byName", a.person_id AS "personId", whom.display_name AS name, a.detail
  FROM (
    (SELECT at, action_id AS id, kind, by_id, person_id, detail FROM room_actions
     WHERE room_id = $1 AND ${page('at', 'action_id')})
    UNION ALL
    (SELECT at, sanction_id, 'sanctioned', by_id, person_id, jsonb_strip_nulls(jsonb_build_object('sanction', kind, 'reason', reason,
       'untilMs', (extract(epoch FROM until) * 1000)::bigint, 'everywhere', room_id IS NULL, 'purge', purges)) FROM sanctions
     WHERE spoken_in = $1 AND ${isToldReader} AND ${page('at', 'sanction_id')})
    UNION ALL
    (SELECT lifted_at, sanction_id, 'lifted', lifted_by, person_id, jsonb_build_object('sanction', kind) FROM sanctions
     WHERE spoken_in = $1 AND lifted_by IS NOT NULL AND ${isToldReader} AND ${page('lifted_at', 'sanction_id')})
  ) AS a JOIN people who ON who.person_id = a.by_id LEFT JOIN people whom ON whom.person_id = a.person_id
  ORDER BY a.at DESC, a.id DESC LIMIT $4`;
const forget = `
  DELETE FROM room_actions WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM room_actions WHERE at < now() - make_interval(days => $1) LIMIT $2))`;

export function createActionStore(db: Queryable) {
  return {
    /** The same id, or the same that can be done once only, is noted once. */
    async note(actionId: string, { roomId, byId, kind, personId, detail = {}, once }: NewAction): Promise<void> {
      await db.query(note, [actionId, roomId, kind, byId, personId ?? null, detail, once ?? null]);
    },
    async list({ roomId, readerId, rows, before }: ActionsPage): Promise<Action[]> {
      const [, at = null, id = null] = /^(\d+)-(.+)$/.exec(before ?? '') ?? [];
      return (await db.query<Action>(list, [roomId, at, id, rows, readerId])).rows;
    },
    /** Deletes what is older; `max` at the most. */
    async forget(days: number, max: number): Promise<void> {
      await db.query(forget, [days, max]);
    },
  };
}
