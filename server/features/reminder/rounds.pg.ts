import type { Notification } from '../../../shared/protocol/reminder.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';
import { isShow, notificationColumns } from './notifications.pg.ts';

export type Round = { roomId: string; occasion: string };
export type Told = { personId: string; body: Notification };

/** Rounds of telling: what is due for all subscribers of a show, told a page of people at a time. */
export type Rounds = {
  /** Begins what is due: reminders so many minutes ahead, and news of shows that moved, were cancelled or went live. */
  begin(leadMinutes: readonly number[]): Promise<void>;
  open(max: number): Promise<Round[]>;
  /** Tells the next people of a round; returns those who had not been told. Ends the round when nobody is left, or it is not so any more. */
  tellPage(round: Round, peopleMax: number): Promise<{ told: Told[]; done: boolean }>;
};

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
  UPDATE rooms SET told_people = 'followers', told_scheduled_at = coalesce(told_scheduled_at, scheduled_at)
  WHERE room_id IN (SELECT room_id FROM begun)`;

/**
 * What people were told and is not so any more. The time told is corrected in the same statement, so it is said once. A time
 * that was not known before is no change; that a show of last week is off is no news.
 */
const beginNews = `
  WITH changed AS (
    UPDATE rooms r SET told_people = CASE WHEN r.state = 'scheduled' THEN r.told_people END,
      told_scheduled_at = CASE WHEN r.state = 'scheduled' THEN r.scheduled_at END
    FROM rooms before
    WHERE before.room_id = r.room_id AND r.told_people IS NOT NULL AND (r.state <> 'scheduled'
      OR (r.told_scheduled_at IS NOT NULL AND r.scheduled_at IS DISTINCT FROM r.told_scheduled_at))
    RETURNING r.room_id, r.state, r.version, r.scheduled_at, before.told_people
  )
  INSERT INTO reminder_rounds (room_id, occasion, kind, ringers_only)
  SELECT room_id, kind || ' ' || version, kind, told_people = 'ringers'
  FROM changed JOIN (VALUES ('scheduled', 'show-moved'), ('cancelled', 'show-cancelled')) AS news (state, kind) USING (state)
  WHERE scheduled_at IS NULL OR scheduled_at > now() - interval '2 days'
  ON CONFLICT DO NOTHING`;

/** That a show has begun concerns everybody, whether they were told that it would or not. */
const beginLive = `
  WITH live AS (
    UPDATE rooms SET told_live = true
    WHERE ${isShow} AND state IN ('live', 'paused') AND NOT told_live RETURNING room_id
  )
  INSERT INTO reminder_rounds (room_id, occasion, kind) SELECT room_id, 'show-live', 'show-live' FROM live
  ON CONFLICT DO NOTHING`;

const open = `
  SELECT room_id AS "roomId", occasion FROM reminder_rounds WHERE done_at IS NULL ORDER BY begun_at LIMIT $1`;

/** What is told while a round is on its way may change: a reminder of a show that was cancelled meanwhile would be wrong. */
const lockRound = `
  SELECT o.kind, o.ringers_only AS "ringersOnly", o.after_id AS "afterId", r.host_id AS "hostId", r.open_to = 'fans' AS "forFans",
    CASE o.kind
      WHEN 'show-soon' THEN r.state = 'scheduled' AND o.occasion LIKE 'soon ' || ${occasionAt('r.scheduled_at')} || ' %'
      WHEN 'show-moved' THEN r.state = 'scheduled'
      WHEN 'show-live' THEN r.state IN ('live', 'paused')
      ELSE true
    END AS "isSo"
  FROM reminder_rounds o JOIN rooms r USING (room_id)
  WHERE o.room_id = $1 AND o.occasion = $2 AND o.done_at IS NULL FOR UPDATE OF o`;
/** Two indexes are read in the order of ids and merged; nobody sorts all followers for a page. */
const subscribers = `
  SELECT person_id AS "personId" FROM (
    (SELECT person_id FROM follows
     WHERE host_id = $2 AND reminders AND NOT $5::boolean AND person_id > $3 ORDER BY person_id LIMIT $4)
    UNION
    (SELECT person_id FROM room_bells WHERE room_id = $1 AND person_id > $3 ORDER BY person_id LIMIT $4)
  ) both_kinds ORDER BY person_id LIMIT $4`;
/**
 * `t`: somebody. Of a show for fans only they are told, and who helps there or stands before the camera: to others it would be the way to a closed door. That it moves
 * or is off hears also who was told of it when it was open to them.
 */
const mayCome = `
  EXISTS (SELECT FROM fan_memberships m WHERE m.club_id = $6 AND m.person_id = t.person_id AND m.state = 'member')
  OR EXISTS (SELECT FROM room_staff s WHERE s.room_id = $1 AND s.person_id = t.person_id)
  OR EXISTS (SELECT FROM co_hosts c WHERE c.room_id = $1 AND c.person_id = t.person_id AND c.accepted_at IS NOT NULL)
  OR $3 IN ('show-moved', 'show-cancelled')
    AND EXISTS (SELECT FROM notifications o WHERE o.room_id = $1 AND o.person_id = t.person_id)`;
const insert = `
  WITH n AS (
    INSERT INTO notifications (person_id, room_id, occasion, kind)
    SELECT person_id, $1, $2, $3 FROM unnest($4::uuid[]) AS t (person_id) WHERE NOT $5::boolean OR ${mayCome}
    ON CONFLICT (person_id, room_id, occasion) DO NOTHING RETURNING *
  )
  SELECT n.person_id AS "personId", ${notificationColumns}
  FROM n JOIN rooms r USING (room_id) JOIN people h ON h.person_id = r.host_id`;
const advance = `
  UPDATE reminder_rounds SET after_id = coalesce($3, after_id), done_at = CASE WHEN $4 THEN now() END
  WHERE room_id = $1 AND occasion = $2`;

type OpenRound = {
  kind: string;
  ringersOnly: boolean;
  afterId: string;
  hostId: string;
  forFans: boolean;
  isSo: boolean;
};

export function createRounds(db: Db): Rounds {
  return {
    async begin(leadMinutes) {
      const leads = [...leadMinutes].sort((a, b) => b - a);
      await db.query(beginNews);
      await db.query(beginLive);
      await db.query(beginSoon, [leads, leads.map((_, i) => leads[i + 1] ?? 0)]);
    },
    async open(max) {
      return (await db.query<Round>(open, [max])).rows;
    },
    tellPage: ({ roomId, occasion }, peopleMax) =>
      inTransaction(db, async (client) => {
        const round = (await client.query<OpenRound>(lockRound, [roomId, occasion])).rows[0];
        if (!round) return { told: [], done: true };
        const page = [roomId, round.hostId, round.afterId, peopleMax, round.ringersOnly];
        const found = round.isSo ? (await client.query<{ personId: string }>(subscribers, page)).rows : [];
        const people = found.map(({ personId }) => personId);
        const { rows } = await client.query<Notification & { personId: string }>(insert, [
          roomId,
          occasion,
          round.kind,
          people,
          round.forFans,
          round.hostId,
        ]);
        const done = people.length < peopleMax;
        await client.query(advance, [roomId, occasion, people.at(-1) ?? null, done]);
        return { told: rows.map(({ personId, ...body }) => ({ personId, body })), done };
      }),
  };
}
