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
  list(personId: string, beforeMs: number | null, rows: number): Promise<Notification[]>;
  unread(personId: string): Promise<number>;
  readUntil(personId: string, untilMs: number): Promise<void>;
  /** Deletes what is older; returns how many, `max` at the most. */
  deleteOlderThan(days: number, max: number): Promise<number>;
};

/** `n`: a row of notifications, `r` its room, `h` the host. */
export const notificationColumns = `
  n.notification_id AS "notificationId", n.kind, n.room_id AS "roomId", r.title, r.host_id AS "hostId",
  h.display_name AS "hostName", (extract(epoch FROM r.scheduled_at) * 1000)::bigint AS "scheduledAtMs",
  (extract(epoch FROM n.at) * 1000)::bigint AS "atMs", (extract(epoch FROM n.read_at) * 1000)::bigint AS "readAtMs"`;

/** The first bell of a show makes its time one that people were told. */
const ring = `
  WITH coming AS (
    UPDATE rooms SET told_scheduled_at = coalesce(told_scheduled_at, scheduled_at)
    WHERE room_id = $1 AND state = 'scheduled' RETURNING room_id
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
  WHERE n.person_id = $1 AND ($2::timestamptz IS NULL OR n.at < $2) ORDER BY n.at DESC LIMIT $3`;
const unread = `SELECT count(*) AS unread FROM notifications WHERE person_id = $1 AND read_at IS NULL`;
/** An instant is told in whole milliseconds; what was told within the last of them is meant too. */
const read = `
  UPDATE notifications SET read_at = now()
  WHERE person_id = $1 AND read_at IS NULL AND at < $2::timestamptz + interval '1 ms'`;
const deleteOld = `
  DELETE FROM notifications WHERE notification_id = ANY (ARRAY(
    SELECT notification_id FROM notifications WHERE at < now() - make_interval(days => $1) LIMIT $2))`;

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
      return (await db.query(deleteOld, [days, max])).rowCount ?? 0;
    },
  };
}
