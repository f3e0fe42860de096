import { AppError } from '../../../shared/errors.ts';
import type { ChatMessage, Report } from '../../../shared/protocol/chat.ts';
import { inTransaction, violates, type Db } from '../../platform/postgres.ts';

export type NewReport = { roomId: string; personId: string; message: ChatMessage; reason: string | null };

/** What counts of a reported line, and who decided it. `isOpen`: it is to go, and nobody has noted that it is gone. */
export type LineDecision = { removes: boolean; byId: string; isOpen: boolean };

export type ReportStore = ReturnType<typeof createReportStore>;

/** Reports that wait in one room: more than its staff will ever look through. Past it the oldest of whoever has most of them yields. */
const openMax = 1_000;
/** Of one person, that wait in one room: the others have to be seen too. */
const openOfOneMax = 20;
/** Of one line: enough to see that many mind it, and two lines that a crowd minds leave room for the others. */
const openOfLineMax = 20;
/** Reasons shown with a line that many have reported. */
const reasonsMax = 5;

/** Of a line that was decided about nobody is asked again, and what a crowd has reported is known: nothing is kept of who reports it after. */
const add = `
  WITH open AS MATERIALIZED (
    SELECT message_id, person_id, at FROM chat_reports WHERE room_id = $3 AND settled_at IS NULL),
  counts AS (
    SELECT count(*) AS all, count(*) FILTER (WHERE person_id = $2) AS own, count(*) FILTER (WHERE message_id = $1) AS line FROM open),
  known AS (
    SELECT FROM chat_reports WHERE message_id = $1 AND (person_id = $2 OR settled_at IS NOT NULL) LIMIT 1),
  wanted AS (
    SELECT counts.all >= ${openMax} AS is_full FROM counts
    WHERE counts.own < ${openOfOneMax} AND counts.line < ${openOfLineMax} AND NOT EXISTS (SELECT FROM known)),
  yielding AS (
    DELETE FROM chat_reports r USING (
      SELECT open.message_id, open.person_id FROM open
      JOIN (SELECT person_id, count(*) AS waiting FROM open GROUP BY person_id) each_one USING (person_id)
      ORDER BY waiting DESC, at LIMIT 1) oldest
    WHERE (SELECT is_full FROM wanted) AND r.message_id = oldest.message_id AND r.person_id = oldest.person_id),
  added AS (
    INSERT INTO chat_reports (message_id, person_id, room_id, sender_id, message, reason)
    SELECT $1, $2, $3, $4, $5, $6 FROM wanted
    ON CONFLICT (message_id, person_id) DO NOTHING RETURNING 1)
  SELECT CASE
    WHEN EXISTS (SELECT FROM added) THEN 'new'
    WHEN EXISTS (SELECT FROM known) OR (SELECT line FROM counts) >= ${openOfLineMax} THEN 'known'
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
/** In one order, for two who decide at once may mean some of the same. */
const lockLine = `
  SELECT removes, settled_by AS "byId", settled_at IS NULL AS "isOpen" FROM chat_reports WHERE room_id = $1 AND message_id = $2
  ORDER BY message_id, person_id FOR UPDATE`;
/** A line that stays is dealt with by that; one that goes when it is gone. */
const decide = `
  UPDATE chat_reports SET removes = $4, settled_by = coalesce(settled_by, $3), settled_at = CASE WHEN NOT $4 THEN now() END
  WHERE room_id = $1 AND message_id = $2 AND settled_at IS NULL`;
const goneWhere = (which: string): string => `
  UPDATE chat_reports SET removes = true, settled_at = now(), settled_by = coalesce(settled_by, $3)
  WHERE (message_id, person_id) IN (
    SELECT message_id, person_id FROM chat_reports WHERE ${which} AND settled_at IS NULL ORDER BY message_id, person_id FOR UPDATE)
  RETURNING room_id AS "roomId"`;
const noteGone = goneWhere('room_id = $1 AND message_id = $2');
const noteAllGone = goneWhere('room_id = ANY ($1) AND sender_id = $2');
const lineOf = 'SELECT message FROM chat_reports WHERE room_id = $1 AND message_id = $2 LIMIT 1';
const forget = `
  DELETE FROM chat_reports WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM chat_reports WHERE at < now() - make_interval(days => $1) LIMIT $2))`;

/** What viewers have reported, until somebody decides about it. */
export function createReportStore(db: Db) {
  return {
    /** One person reports a line once. `full`: so much of this person waits in the room that no more is taken. */
    async add({ roomId, personId, message, reason }: NewReport): Promise<'new' | 'known' | 'full'> {
      const values = [message.messageId, personId, roomId, message.senderId, message, reason];
      const { rows } = await db.query<{ outcome: 'new' | 'known' | 'full' }>(add, values).catch((error: unknown) => {
        // A line in the archive outlives the guest who wrote it.
        throw violates(error, 'chat_reports_sender_id_fkey')
          ? new AppError('NOT_FOUND', 'Who wrote it is gone.')
          : error;
      });
      return rows[0]!.outcome;
    },
    async open(roomId: string, rows: number): Promise<Report[]> {
      return (await db.query<Report>(open, [roomId, rows])).rows;
    },
    /** How many lines wait. */
    async openCount(roomId: string): Promise<number> {
      return (await db.query<{ waiting: number }>(openCount, [roomId])).rows[0]!.waiting;
    },
    /** The line as it was reported; null when nothing is reported of it. */
    async lineOf(roomId: string, messageId: string): Promise<ChatMessage | null> {
      return (await db.query<{ message: ChatMessage }>(lineOf, [roomId, messageId])).rows[0]?.message ?? null;
    },
    /** Decides about a line, unless somebody has: the first decision counts. Null when nobody knows what was decided. */
    decide: (roomId: string, messageId: string, byId: string, removes: boolean): Promise<LineDecision | null> =>
      inTransaction(db, async (client) => {
        const line = [roomId, messageId];
        const { rows } = await client.query<{ removes: boolean | null; byId: string | null; isOpen: boolean }>(
          lockLine,
          line,
        );
        const decided = rows.find((row) => row.removes !== null);
        const first = decided && { removes: decided.removes!, byId: decided.byId ?? byId };
        if (!rows.some(({ isOpen }) => isOpen)) return first ? { ...first, isOpen: false } : null;
        const counts = first ?? { removes, byId };
        await client.query(decide, [...line, counts.byId, counts.removes]);
        return { ...counts, isOpen: counts.removes };
      }),
    /** The line is gone; whether that was to be decided yet, or to be noted. */
    async noteGone(roomId: string, messageId: string, byId: string): Promise<boolean> {
      return (await db.query(noteGone, [roomId, messageId, byId])).rowCount !== 0;
    },
    /** All that a person wrote in these rooms is gone; returns the rooms where something of it waited. */
    async noteAllGone(roomIds: readonly string[], personId: string, byId: string): Promise<string[]> {
      const { rows } = await db.query<{ roomId: string }>(noteAllGone, [roomIds, personId, byId]);
      return [...new Set(rows.map(({ roomId }) => roomId))];
    },
    /** Deletes what was reported so long ago, decided or not; `max` at the most. */
    async forget(days: number, max: number): Promise<void> {
      await db.query(forget, [days, max]);
    },
  };
}
