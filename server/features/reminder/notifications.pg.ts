import type { Notification } from '../../../shared/protocol/reminder.ts';
import type { Queryable } from '../../platform/postgres.ts';

/** What people were told of shows, and what they want to be told. */
export type Notifications = {
  /** Rings for a person when the show comes, or no longer. Returns how many people it rings for; null when it is too late. */
  setBell(roomId: string, personId: string, on: boolean): Promise<number | null>;
  /** Coming shows that the bell rings for, soonest first. */
  bells(personId: string, rows: number): Promise<string[]>;
  /** False when the person does not follow the host. */
  setFollow(hostId: string, personId: string, on: boolean): Promise<boolean>;
  /** Newest first; what was told in the same millisecond comes in one page, so the next one begins before it. */
  list(personId: string, beforeMs: number | null, rows: number): Promise<Notification[]>;
  unread(personId: string): Promise<number>;
  readUntil(personId: string, untilMs: number): Promise<void>;
  /** Deletes what was told before, and bells and rounds of shows that are over; `max` of each at the most. */
  deleteOlderThan(days: number, max: number): Promise<void>;
};

/** `n`: a row of notifications, `r` its room, `h` the host. */
export const notificationColumns = `
  n.notification_id AS "notificationId", n.kind, n.room_id AS "roomId", r.title, r.host_id AS "hostId",
  h.display_name AS "hostName", (extract(epoch FROM r.scheduled_at) * 1000)::bigint AS "scheduledAtMs",
  (extract(epoch FROM n.at) * 1000)::bigint AS "atMs", (extract(epoch FROM n.read_at) * 1000)::bigint AS "readAtMs"`;

/** Of rooms: what people are told of. */
export const isShow = `kind = 'show' AND NOT rehearsal`;

/** The first bell of a show makes its time one that those who rang were told. */
const ring = `
  WITH coming AS (
    UPDATE rooms SET told_people = coalesce(told_people, 'ringers'),
      told_scheduled_at = CASE WHEN told_people IS NULL THEN scheduled_at ELSE told_scheduled_at END
    WHERE room_id = $1 AND state = 'scheduled' AND ${isShow} RETURNING room_id
  )
  INSERT INTO room_bells (room_id, person_id) SELECT room_id, $2 FROM coming
  ON CONFLICT (room_id, person_id) DO UPDATE SET since = room_bells.since`;
const unring = `DELETE FROM room_bells WHERE room_id = $1 AND person_id = $2`;
const bellsOf = `
  SELECT room_id AS "roomId" FROM room_bells JOIN rooms USING (room_id)
  WHERE person_id = $1 AND state = 'scheduled' ORDER BY scheduled_at NULLS LAST, room_id LIMIT $2`;
const bells = `SELECT count(*) AS bells FROM room_bells WHERE room_id = $1`;
const follow = `UPDATE follows SET reminders = $3 WHERE host_id = $1 AND person_id = $2`;
const list = `
  SELECT ${notificationColumns}
  FROM notifications n JOIN rooms r USING (room_id) JOIN people h ON h.person_id = r.host_id
  WHERE n.person_id = $1 AND ($2::timestamptz IS NULL OR n.at < $2) 
  ORDER BY n.at DESC FETCH FIRST $3 ROWS WITH TIES`;
const unread = `SELECT count(*) AS unread FROM notifications WHERE person_id = $1 AND read_at IS NULL`;
const read = `
  UPDATE notifications SET read_at = now()
  WHERE person_id = $1 AND read_at IS NULL AND at <= $2`;
const aged = (column: string): string => `${column} < now() - make_interval(days => $1)`;
const deleteOld = [
  `DELETE FROM notifications WHERE notification_id = ANY (ARRAY(
    SELECT notification_id FROM notifications WHERE ${aged('at')} LIMIT $2))`,
  `DELETE FROM reminder_rounds WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM reminder_rounds WHERE ${aged('begun_at')} AND done_at IS NOT NULL LIMIT $2))`,
  `DELETE FROM room_bells WHERE ctid = ANY (ARRAY(
    SELECT b.ctid FROM room_bells b JOIN rooms r USING (room_id)
    WHERE ${aged('b.since')} AND r.state <> 'scheduled' LIMIT $2))`,
];

export function createNotifications(db: Queryable): Notifications {
  return {
    async setBell(roomId, personId, on) {
      const { rowCount } = await db.query(on ? ring : unring, [roomId, personId]);
      if (on && !rowCount) return null;
      return (await db.query<{ bells: number }>(bells, [roomId])).rows[0]!.bells;
    },
    async bells(personId, rows) {
      return (await db.query<{ roomId: string }>(bellsOf, [personId, rows])).rows.map(({ roomId }) => roomId);
    },
    async setFollow(hostId, personId, on) {
      return (await db.query(follow, [hostId, personId, on])).rowCount === 1;
    },
    async list(personId, beforeMs, rows) {
      const before = beforeMs === null ? null : new Date(beforeMs);
      return (await db.query<Notification>(list, [personId, before, rows])).rows;
    },
    async unread(personId) {
      return (await db.query<{ unread: number }>(unread, [personId])).rows[0]!.unread;
    },
    async readUntil(personId, untilMs) {
      await db.query(read, [personId, new Date(untilMs)]);
    },
    async deleteOlderThan(days, max) {
      for (const statement of deleteOld) await db.query(statement, [days, max]);
    },
  };
}
