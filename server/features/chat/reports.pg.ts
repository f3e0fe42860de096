import type { ChatMessage, Report } from '../../../shared/protocol/chat.ts';
import type { Queryable } from '../../platform/postgres.ts';

export type NewReport = { roomId: string; personId: string; message: ChatMessage; reason: string | null };

export type ReportStore = ReturnType<typeof createReportStore>;

/** Reports that wait in one room: more than its staff will ever look through. */
const openMax = 1_000;
/** Of one person, that wait in one room: the others have to be seen too. */
const openOfOneMax = 20;
/** Reasons shown with a line that many have reported. */
const reasonsMax = 5;

/** Of a line that was decided about nobody is asked again: who reports it after that is noted, and no more. */
const add = `
  WITH open AS (
    SELECT count(*) AS all, count(*) FILTER (WHERE person_id = $2) AS own
    FROM chat_reports WHERE room_id = $3 AND settled_at IS NULL),
  settled AS (
    SELECT settled_at, settled_by FROM chat_reports WHERE message_id = $1 AND settled_at IS NOT NULL LIMIT 1),
  added AS (
    INSERT INTO chat_reports (message_id, person_id, room_id, sender_id, message, reason, settled_at, settled_by)
    SELECT $1, $2, $3, $4, $5, $6, (SELECT settled_at FROM settled), (SELECT settled_by FROM settled)
    FROM open WHERE open.all < ${openMax} AND open.own < ${openOfOneMax}
    ON CONFLICT (message_id, person_id) DO NOTHING RETURNING settled_at)
  SELECT CASE
    WHEN EXISTS (SELECT FROM added WHERE settled_at IS NULL) THEN 'new'
    WHEN EXISTS (SELECT FROM added) OR EXISTS (SELECT FROM chat_reports WHERE message_id = $1 AND person_id = $2) THEN 'known'
    ELSE 'full' END AS outcome`;
/** The line that most people have reported comes first. */
const open = `
  SELECT (array_agg(message ORDER BY at))[1] AS message, count(*)::int AS people,
    (array_remove(array_agg(reason ORDER BY at), NULL))[1:${reasonsMax}] AS reasons,
    (extract(epoch FROM min(at)) * 1000)::bigint AS "firstAtMs"
  FROM chat_reports WHERE room_id = $1 AND settled_at IS NULL
  GROUP BY message_id ORDER BY people DESC, min(at) LIMIT $2`;
const openCount = `
  SELECT count(DISTINCT message_id)::int AS waiting FROM chat_reports WHERE room_id = $1 AND settled_at IS NULL`;
const settle = `
  UPDATE chat_reports SET settled_at = now(), settled_by = $3
  WHERE room_id = $1 AND message_id = $2 AND settled_at IS NULL`;
const isOpen = `SELECT FROM chat_reports WHERE room_id = $1 AND message_id = $2 AND settled_at IS NULL LIMIT 1`;
const settleAllOf = `
  UPDATE chat_reports SET settled_at = now(), settled_by = $3
  WHERE room_id = ANY ($1) AND sender_id = $2 AND settled_at IS NULL`;
const forget = `
  DELETE FROM chat_reports WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM chat_reports WHERE at < now() - make_interval(days => $1) LIMIT $2))`;

/** What viewers have reported, until somebody decides about it. */
export function createReportStore(db: Queryable) {
  return {
    /** One person reports a line once. `full`: so much waits in the room, or of this person, that no more is taken. */
    async add({ roomId, personId, message, reason }: NewReport): Promise<'new' | 'known' | 'full'> {
      const values = [message.messageId, personId, roomId, message.senderId, message, reason];
      return (await db.query<{ outcome: 'new' | 'known' | 'full' }>(add, values)).rows[0]!.outcome;
    },
    async open(roomId: string, rows: number): Promise<Report[]> {
      return (await db.query<Report>(open, [roomId, rows])).rows;
    },
    /** How many lines wait. */
    async openCount(roomId: string): Promise<number> {
      return (await db.query<{ waiting: number }>(openCount, [roomId])).rows[0]!.waiting;
    },
    async isOpen(roomId: string, messageId: string): Promise<boolean> {
      return (await db.query(isOpen, [roomId, messageId])).rowCount === 1;
    },
    async settle(roomId: string, messageId: string, byId: string): Promise<void> {
      await db.query(settle, [roomId, messageId, byId]);
    },
    async settleAllOf(roomIds: readonly string[], personId: string, byId: string): Promise<void> {
      await db.query(settleAllOf, [roomIds, personId, byId]);
    },
    /** Deletes what was reported so long ago, decided or not; `max` at the most. */
    async forget(days: number, max: number): Promise<void> {
      await db.query(forget, [days, max]);
    },
  };
}
