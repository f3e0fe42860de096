import type { Position, RoomEntry } from '../../../shared/protocol/room.ts';
import { inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';
import type { Heard } from './archive-listeners.ts';
import type { LogEntry } from './log-line.ts';
import { everyLine, senderPrefix, toldApart } from './redacts.ts';

/** What carries an id. Redacted, it is for its sender's repeated request, and never to be shown. */
export type FoundEntry = { body: unknown; redacted: boolean };

/** What was shown before an instant, and of that instant before an offset. All with `atMs: null`. */
export type ArchivePlace = { atMs: number | null; offset: number | null };

/** Entries that follow each other in one life of a room's log. */
export type Stretch = { roomId: string; epoch: string; entries: readonly LogEntry[] };

/** A stretch of the archive that was not taken account of by all who listen. */
export type Owed = { roomId: string; epoch: string; fromOffset: number; toOffset: number };

/** `what`: @see redacts.ts. `atMs`: Unix ms. */
export type TakenBack = { what: string; atMs: number };

/** Room logs for ever, or as long as the retention says. */
export type Archive = {
  /** How far the archive has come in these rooms; those it has nothing of are missing. */
  positions(roomIds: readonly string[]): Promise<ReadonlyMap<string, Position>>;
  /**
   * Adds a stretch of each of these rooms, not an empty one, and moves their positions, all in one transaction. Adding again changes
   * nothing. With `isOwed` they are noted to be heard again.
   */
  add(stretches: readonly Stretch[], options?: { isOwed: boolean }): Promise<void>;
  /** What is to be heard again now, `max` at the most, what has waited longest first. */
  owed(max: number): Promise<Owed[]>;
  /** What there is of it: nothing when the retention has taken it. */
  entriesOf(owed: Owed): Promise<Heard>;
  /** It was heard. */
  settleOwed(owed: Owed): Promise<void>;
  /** It is tried again after so many ms; others come first. */
  putOffOwed(owed: Owed, ms: number): Promise<void>;
  /**
   * Takes back what the archive has of these (@see redacts.ts), and what it will yet be given that was said until then. For
   * who must not be answered before it is so; the entry that does it in the log does it here too, later.
   */
  redact(
    roomId: string,
    at: { epoch: string; offset: number; atMs: number },
    redacts: readonly string[],
  ): Promise<void>;
  /** Whether all of these were taken back at an instant, Unix ms, or later. */
  hasRedacted(roomId: string, atMs: number, redacts: readonly string[]): Promise<boolean>;
  /** What was taken back since an instant, Unix ms, as `redact` was given it, and when; `max` at the most, the latest. */
  redactedSince(roomId: string, atMs: number, max: number): Promise<TakenBack[]>;
  /** Moves the position alone: into a life of the log that has nothing of its own yet. */
  moveTo(roomId: string, position: Position): Promise<void>;
  /** What was shown to a reader before a place, newest first, and not taken back. What nobody is to hear is shown to its sender. */
  before(roomId: string, readerId: string, place: ArchivePlace, rows: number): Promise<RoomEntry[]>;
  /** The entry that carries an id; null when there is none. */
  find(roomId: string, entryId: string): Promise<FoundEntry | null>;
  /** Deletes what is older; returns how many, `max` at the most. */
  deleteOlderThan(days: number, max: number): Promise<number>;
};

const positions = `
  SELECT room_id AS "roomId", epoch, entry_offset AS "offset" FROM room_log_positions WHERE room_id = ANY ($1)`;
const insert = `
  INSERT INTO room_log_entries (room_id, epoch, entry_offset, at, kind, sender_id, entry_id, thinned, unheard, body)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::boolean[],
    $10::jsonb[])
  ON CONFLICT DO NOTHING`;
const advance = `
  INSERT INTO room_log_positions (room_id, epoch, entry_offset) SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[])
  ON CONFLICT (room_id) DO UPDATE SET epoch = EXCLUDED.epoch, entry_offset = EXCLUDED.entry_offset`;
/** What one entry takes back was said before it, in this life of the log or in one that is over. */
const redact = `
  UPDATE room_log_entries SET redacted_at = $4
  WHERE room_id = $1 AND (epoch <> $2 OR entry_offset < $3) AND redacted_at IS NULL
    AND (entry_id = ANY ($5) OR sender_id = ANY ($6))`;
/**
 * Up to when the chat was cleared. A busy chat has more lines than could be taken back one by one before anybody is answered, so it is
 * looked at by whoever reads. To a millisecond: what was said in that very one is gone, too.
 */
const clearedAt = `
  coalesce((SELECT at FROM room_log_redactions WHERE room_id = $1 AND what = '${everyLine}'), '-infinity')`;
/** The bound on `at` alone is for the index: without it whoever looks at an hour ago has the last hour read. */
const shownWhere = (which: string): string => `
  SELECT entry_offset, at, kind, body FROM room_log_entries
  WHERE room_id = $1 AND redacted_at IS NULL AND (NOT thinned OR unheard AND sender_id = $5) AND ${which}
    AND at <= coalesce($2::timestamptz, 'infinity')
    AND (at, entry_offset) < (coalesce($2::timestamptz, 'infinity'), coalesce($4, 0))
  ORDER BY at DESC, entry_offset DESC LIMIT $3`;
/** Nobody reads through the lines of a chat that was cleared to find what else happened. */
const before = `
  SELECT entry_offset AS "offset", (extract(epoch FROM at) * 1000)::bigint AS "atMs", kind, body FROM (
    (${shownWhere(`at > ${clearedAt}`)}) UNION ALL (${shownWhere(`at <= ${clearedAt} AND entry_id = ''`)})) AS shown
  ORDER BY at DESC, entry_offset DESC LIMIT $3`;
/** Whoever adds or takes back in a room waits for the one before, so that nothing falls between the two. */
const lockRooms = `
  SELECT pg_advisory_xact_lock(hashtextextended('room archive ' || room_id, 0)) FROM unnest($1::text[]) AS room_id`;
const remember = `
  INSERT INTO room_log_redactions AS r (room_id, what, at) SELECT $1, what, $2 FROM unnest($3::text[]) AS what
  ON CONFLICT (room_id, what) DO UPDATE SET at = greatest(r.at, EXCLUDED.at)`;
const redactedSince = `
  SELECT what, (extract(epoch FROM at) * 1000)::bigint AS "atMs" FROM room_log_redactions
  WHERE room_id = $1 AND at >= $2 ORDER BY at DESC LIMIT $3`;
const hasRedacted = `
  SELECT count(*) AS known FROM room_log_redactions WHERE room_id = $1 AND at >= $2 AND what = ANY ($3)`;
const takenBackIn = `
  SELECT t.room_id AS "roomId" FROM unnest($1::uuid[]) AS t (room_id)
  WHERE EXISTS (SELECT FROM room_log_redactions r WHERE r.room_id = t.room_id)`;
/** What came late: said before it was taken back, archived after. */
const redactRemembered = `
  UPDATE room_log_entries e SET redacted_at = r.at FROM room_log_redactions r
  WHERE e.room_id = $1 AND e.epoch = $2 AND e.entry_offset BETWEEN $3 AND $4 AND e.redacted_at IS NULL
    AND r.room_id = $1 AND r.at >= e.at AND r.what IN (nullif(e.entry_id, ''), '${senderPrefix}' || nullif(e.sender_id, ''))`;
const find = `
  SELECT body, redacted_at IS NOT NULL OR at <= ${clearedAt} AS redacted FROM room_log_entries
  WHERE room_id = $1 AND entry_id = $2 ORDER BY at DESC LIMIT 1`;
const noteOwed = `
  INSERT INTO room_log_owed (room_id, epoch, from_offset, to_offset)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[])
  ON CONFLICT (room_id, epoch, from_offset) DO UPDATE SET to_offset = greatest(room_log_owed.to_offset, EXCLUDED.to_offset)`;
const owed = `
  SELECT room_id AS "roomId", epoch, from_offset AS "fromOffset", to_offset AS "toOffset"
  FROM room_log_owed WHERE next_at <= now() ORDER BY next_at LIMIT $1`;
export const someStretchIsOwed = `(SELECT min(next_at) FROM room_log_owed) <= now()`;
const entriesOf = `
  SELECT kind, (extract(epoch FROM at) * 1000)::bigint AS "atMs", unheard, body::text AS body FROM room_log_entries
  WHERE room_id = $1 AND epoch = $2 AND entry_offset BETWEEN $3 AND $4 ORDER BY entry_offset`;
const isOwed = 'room_id = $1 AND epoch = $2 AND from_offset = $3';
const settleOwed = `DELETE FROM room_log_owed WHERE ${isOwed}`;
const putOffOwed = `UPDATE room_log_owed SET next_at = now() + make_interval(secs => $4::float8 / 1000) WHERE ${isOwed}`;
const deleteOld = `
  DELETE FROM room_log_entries WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM room_log_entries WHERE at < now() - make_interval(days => $1) LIMIT $2))`;
/** That a chat was cleared is known as long as there is a line of before. */
const forgetOld = `
  DELETE FROM room_log_redactions WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM room_log_redactions r WHERE at < now() - make_interval(days => $1)
      AND (what <> '${everyLine}' OR NOT EXISTS (SELECT FROM room_log_entries e WHERE e.room_id = r.room_id AND e.redacted_at IS NULL AND e.at <= r.at))
    LIMIT $2))`;

export function createArchive(db: Db): Archive {
  return {
    async positions(roomIds) {
      if (roomIds.length === 0) return new Map();
      const { rows } = await db.query<Position & { roomId: string }>(positions, [roomIds]);
      return new Map(rows.map(({ roomId, epoch, offset }) => [roomId, { epoch, offset }]));
    },
    async add(stretches, options) {
      const roomIds = stretches.map(({ roomId }) => roomId);
      await inTransaction(db, async (client) => {
        // In one order, should two processes do so at a time.
        await client.query(lockRooms, [roomIds.toSorted()]);
        await client.query(insert, columnsOf(stretches));
        for (const { roomId, epoch, entries } of stretches)
          for (const entry of entries)
            if (entry.redacts.length > 0) await redactBy(client, roomId, { epoch, ...entry });
        const { rows } = await client.query<{ roomId: string }>(takenBackIn, [roomIds]);
        const takenBack = new Set(rows.map(({ roomId }) => roomId));
        for (const stretch of stretches) if (takenBack.has(stretch.roomId)) await redactLate(client, stretch);
        const ends = stretches.map(({ entries }) => entries.at(-1)!.offset);
        const epochs = stretches.map(({ epoch }) => epoch);
        const begins = stretches.map(({ entries }) => entries[0]!.offset);
        if (options?.isOwed) await client.query(noteOwed, [roomIds, epochs, begins, ends]);
        await client.query(advance, [roomIds, epochs, ends]);
      });
    },
    async owed(max) {
      return (await db.query<Owed>(owed, [max])).rows;
    },
    async entriesOf({ roomId, epoch, fromOffset, toOffset }) {
      const { rows } = await db.query<Heard['entries'][number]>(entriesOf, [roomId, epoch, fromOffset, toOffset]);
      return { roomId, entries: rows };
    },
    async settleOwed({ roomId, epoch, fromOffset }) {
      await db.query(settleOwed, [roomId, epoch, fromOffset]);
    },
    async putOffOwed({ roomId, epoch, fromOffset }, ms) {
      await db.query(putOffOwed, [roomId, epoch, fromOffset, ms]);
    },
    async redact(roomId, { epoch, offset, atMs }, redacts) {
      await inTransaction(db, async (client) => {
        await client.query(lockRooms, [[roomId]]);
        await client.query(remember, [roomId, new Date(atMs), redacts]);
        await redactBy(client, roomId, { epoch, offset, atMs, redacts });
      });
    },
    async hasRedacted(roomId, atMs, redacts) {
      const { rows } = await db.query<{ known: number }>(hasRedacted, [roomId, new Date(atMs), redacts]);
      return rows[0]!.known === redacts.length;
    },
    async redactedSince(roomId, atMs, max) {
      return (await db.query<TakenBack>(redactedSince, [roomId, new Date(atMs), max])).rows;
    },
    async moveTo(roomId, { epoch, offset }) {
      await db.query(advance, [[roomId], [epoch], [offset]]);
    },
    async before(roomId, readerId, { atMs, offset }, rows) {
      const instant = atMs === null ? null : new Date(atMs);
      return (await db.query<RoomEntry>(before, [roomId, instant, rows, offset, readerId])).rows;
    },
    async find(roomId, entryId) {
      return (await db.query<FoundEntry>(find, [roomId, entryId])).rows[0] ?? null;
    },
    async deleteOlderThan(days, max) {
      await db.query(forgetOld, [days, max]);
      return (await db.query(deleteOld, [days, max])).rowCount ?? 0;
    },
  };
}

function columnsOf(stretches: readonly Stretch[]): unknown[] {
  const entries = stretches.flatMap((stretch) => stretch.entries);
  return [
    stretches.flatMap(({ roomId, entries: own }) => own.map(() => roomId)),
    stretches.flatMap(({ epoch, entries: own }) => own.map(() => epoch)),
    entries.map(({ offset }) => offset),
    entries.map(({ atMs }) => new Date(atMs)),
    entries.map(({ kind }) => kind),
    entries.map(({ senderId }) => senderId),
    entries.map(({ entryId }) => entryId),
    entries.map(({ thinned }) => thinned),
    entries.map(({ unheard }) => unheard),
    entries.map(({ body }) => body),
  ];
}

async function redactLate(client: DbClient, { roomId, epoch, entries }: Stretch): Promise<void> {
  await client.query(redactRemembered, [roomId, epoch, entries[0]!.offset, entries.at(-1)!.offset]);
}

type Redaction = Pick<LogEntry, 'offset' | 'atMs' | 'redacts'> & { epoch: string };

async function redactBy(client: DbClient, roomId: string, { epoch, offset, atMs, redacts }: Redaction): Promise<void> {
  const { entryIds, senderIds, isEvery } = toldApart(redacts);
  if (isEvery) await client.query(remember, [roomId, new Date(atMs), [everyLine]]);
  if (entryIds.length + senderIds.length > 0)
    await client.query(redact, [roomId, epoch, offset, new Date(atMs), entryIds, senderIds]);
}
