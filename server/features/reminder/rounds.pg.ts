import type { Notification } from '../../../shared/protocol/reminder.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';
import { notificationColumns } from './notifications.pg.ts';

export type Round = { roomId: string; occasion: string };
export type Told = { personId: string; notification: Notification };

/** Rounds of telling: what is due for all subscribers of a show, told a page of people at a time. */
export type Rounds = {
  /** Begins what is due: reminders so many minutes ahead, and news of shows that moved, were cancelled or went live. */
  begin(leadMinutes: readonly number[]): Promise<void>;
  open(max: number): Promise<Round[]>;
  /** Tells the next people of a round; returns those who had not been told. Ends the round when nobody is left. */
  tellPage(round: Round, peopleMax: number): Promise<{ told: Told[]; done: boolean }>;
};

const isShow = `kind = 'show' AND NOT rehearsal`;
const occasionAt = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

/**
 * One reminder for each lead, from its moment on until that of the next shorter one: a show that was planned late, or a worker
 * that was away, skips what is past and never sends two at once. $1: leads in minutes; $2: the next shorter ones, 0 at the end.
 */
const beginSoon = `
  WITH due AS (
    SELECT room_id, scheduled_at, lead FROM rooms, unnest($1::int[], $2::int[]) AS t (lead, next)
    WHERE ${isShow} AND state = 'scheduled' AND scheduled_at > now()
      AND scheduled_at <= now() + make_interval(mins => lead) AND scheduled_at > now() + make_interval(mins => next)
  ), begun AS (
    INSERT INTO reminder_rounds (room_id, occasion, kind)
    SELECT room_id, 'soon ' || ${occasionAt('scheduled_at')} || ' ' || lead, 'show-soon' FROM due
    ON CONFLICT DO NOTHING RETURNING room_id
  )
  UPDATE rooms SET told_scheduled_at = scheduled_at
  WHERE room_id IN (SELECT room_id FROM begun) AND told_scheduled_at IS NULL`;

/** What people were told and is not so any more. The time told is corrected in the same statement, so it is said once. */
const beginNews = `
  WITH changed AS (
    UPDATE rooms SET told_scheduled_at = CASE WHEN state = 'scheduled' THEN scheduled_at END
    WHERE told_scheduled_at IS NOT NULL
      AND (state <> 'scheduled' OR scheduled_at IS DISTINCT FROM told_scheduled_at)
    RETURNING room_id, state, version
  )
  INSERT INTO reminder_rounds (room_id, occasion, kind)
  SELECT room_id, kind || ' ' || version, kind FROM (
    SELECT *, CASE state WHEN 'scheduled' THEN 'show-moved' WHEN 'cancelled' THEN 'show-cancelled' ELSE 'show-live' END AS kind
    FROM changed WHERE state <> 'ended') news
  ON CONFLICT DO NOTHING`;

const open = `
  SELECT room_id AS "roomId", occasion FROM reminder_rounds WHERE done_at IS NULL ORDER BY begun_at LIMIT $1`;

const lockRound = `
  SELECT o.kind, o.after_id AS "afterId", r.host_id AS "hostId" FROM reminder_rounds o JOIN rooms r USING (room_id)
  WHERE o.room_id = $1 AND o.occasion = $2 AND o.done_at IS NULL FOR UPDATE OF o`;
/** Two indexes are read in the order of ids and merged; nobody sorts all followers for a page. */
const subscribers = `
  SELECT person_id AS "personId" FROM (
    (SELECT person_id FROM follows WHERE host_id = $2 AND reminders AND person_id > $3 ORDER BY person_id LIMIT $4)
    UNION
    (SELECT person_id FROM room_bells WHERE room_id = $1 AND person_id > $3 ORDER BY person_id LIMIT $4)
  ) both_kinds ORDER BY person_id LIMIT $4`;
const insert = `
  WITH n AS (
    INSERT INTO notifications (person_id, room_id, occasion, kind)
    SELECT person_id, $1, $2, $3 FROM unnest($4::uuid[]) AS t (person_id)
    ON CONFLICT (person_id, room_id, occasion) DO NOTHING RETURNING *
  )
  SELECT n.person_id AS "personId", ${notificationColumns}
  FROM n JOIN rooms r USING (room_id) JOIN people h ON h.person_id = r.host_id`;
const advance = `
  UPDATE reminder_rounds SET after_id = coalesce($3, after_id), done_at = CASE WHEN $4 THEN now() END
  WHERE room_id = $1 AND occasion = $2`;

export function createRounds(db: Db): Rounds {
  return {
    async begin(leadMinutes) {
      const leads = [...leadMinutes].sort((a, b) => b - a);
      await db.query(beginNews);
      await db.query(beginSoon, [leads, leads.map((_, i) => leads[i + 1] ?? 0)]);
    },
    async open(max) {
      return (await db.query<Round>(open, [max])).rows;
    },
    tellPage: ({ roomId, occasion }, peopleMax) =>
      inTransaction(db, async (client) => {
        const { rows: locked } = await client.query<{ kind: string; afterId: string; hostId: string }>(lockRound, [
          roomId,
          occasion,
        ]);
        const round = locked[0];
        if (!round) return { told: [], done: true };
        const page = [roomId, round.hostId, round.afterId, peopleMax];
        const people = (await client.query<{ personId: string }>(subscribers, page)).rows.map((row) => row.personId);
        const { rows } = await client.query<Notification & { personId: string }>(insert, [
          roomId,
          occasion,
          round.kind,
          people,
        ]);
        const done = people.length < peopleMax;
        await client.query(advance, [roomId, occasion, people.at(-1) ?? null, done]);
        return { told: rows.map(({ personId, ...notification }) => ({ personId, notification })), done };
      }),
  };
}
