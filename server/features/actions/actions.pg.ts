import type { Action } from '../../../shared/protocol/action.ts';
import type { Queryable } from '../../platform/postgres.ts';
import type { NewAction } from './actions.ts';

/** `before`: the key of a row. Nobody reads that they were shadow-banned themselves, whatever they are since: of that, nobody is told. */
export type ActionsPage = { roomId: string; readerId: string; rows: number; before: string | null };

/** Who is gone already is named as in what they said last. */
const lastName = `(
  SELECT body->>'senderName' FROM room_log_entries e
  WHERE e.room_id = d.room_id AND e.sender_id = d.person_id::text AND e.sender_id <> '' AND e.kind = 'chat:message' ORDER BY e.at DESC LIMIT 1)`;

/**
 * Notes what is done, in the statement that does it. `done`: SQL of rows of action_id, room_id, kind, by_id, person_id, detail, once. Of
 * a person who is forgotten, before or after, the name alone is there.
 */
export const noteIn = (done: string): string => `
  INSERT INTO room_actions (action_id, room_id, kind, by_id, person_id, person_name, detail, once)
  SELECT d.action_id, d.room_id, d.kind, d.by_id, whom.person_id, coalesce(whom.display_name, ${lastName}), d.detail, d.once
  FROM (${done}) AS d (action_id, room_id, kind, by_id, person_id, detail, once) LEFT JOIN people whom ON whom.person_id = d.person_id`;

const note = `
  ${noteIn('SELECT $1::uuid, $2::uuid, $3::text, $4::uuid, $5::uuid, $6::jsonb, $7::text')}
  ON CONFLICT DO NOTHING`;

/** $3: Unix µs, $4: an id; both null on the first page. */
const lastAt = `coalesce('epoch'::timestamptz + $3::bigint * interval '1 microsecond', 'infinity')`;
const lastId = `coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')`;
const list = `
  SELECT (extract(epoch FROM a.at) * 1000000)::bigint || '-' || a.action_id AS key, (extract(epoch FROM a.at) * 1000)::bigint AS "atMs", a.kind,
    a.by_id AS "byId", who.display_name AS "byName", a.person_id AS "personId", coalesce(whom.display_name, a.person_name) AS name, a.detail
  FROM room_actions a JOIN people who ON who.person_id = a.by_id LEFT JOIN people whom ON whom.person_id = a.person_id
  WHERE a.room_id = $1 AND (a.person_id = $2 AND a.detail->>'sanction' = 'shadow_ban') IS NOT TRUE
    AND a.at <= ${lastAt} AND (a.at, a.action_id) < (${lastAt}, ${lastId})
  ORDER BY a.at DESC, a.action_id DESC LIMIT $5`;
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
      return (await db.query<Action>(list, [roomId, readerId, at, id, rows])).rows;
    },
    /** Deletes what is older; `max` at the most. */
    async forget(days: number, max: number): Promise<void> {
      await db.query(forget, [days, max]);
    },
  };
}
