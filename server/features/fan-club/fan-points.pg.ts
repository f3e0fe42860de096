import { decay, decayOf, pointRules, type PointSource } from '../../../shared/fan-levels.ts';
import { noId } from '../../platform/pages.ts';
import { inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';
import type { Awarded, DecayWarning, Deed, Drift, FanPointsStore, Fan, PointsRow } from './fan-points.ts';

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;
const span = (ms: number): string => `interval '${ms} ms'`;
const dayOf = (parameter: string): string => `(${at(parameter)} AT TIME ZONE 'UTC')::date`;

/** Locks in one order, so that two batches with the same people can't wait for each other. */
const lockFans = `
  SELECT club_id AS "clubId", person_id AS "personId", state FROM fan_memberships
  WHERE (club_id, person_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
  ORDER BY club_id, person_id FOR UPDATE`;
/** Who wins points and never was a member has them on record, like somebody who left. */
const openRecords = `
  INSERT INTO fan_memberships (club_id, person_id, state, active_at, joined_at, changed_at)
  SELECT DISTINCT club_id, person_id, 'left', ${at('$3')}, ${at('$3')}, ${at('$3')}
  FROM unnest($1::uuid[], $2::uuid[]) AS won (club_id, person_id) JOIN fan_clubs USING (club_id)
  ORDER BY club_id, person_id ON CONFLICT DO NOTHING`;
const givenToday = `
  SELECT club_id AS "clubId", person_id AS "personId", source, sum(delta)::int AS points FROM fan_points
  WHERE (club_id, person_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) AND on_day = ${dayOf('$3')}
  GROUP BY 1, 2, 3`;
const known = `
  SELECT club_id AS "clubId", person_id AS "personId", source, cause FROM fan_points
  WHERE (club_id, person_id, source, cause) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]))`;
const lockFan = `SELECT points FROM fan_memberships WHERE club_id = $1 AND person_id = $2 FOR UPDATE`;
const standingPoints = `
  SELECT delta FROM fan_points p WHERE club_id = $1 AND person_id = $2 AND source = $3 AND cause = $4
    AND NOT EXISTS (SELECT FROM fan_points r WHERE r.club_id = $1 AND r.person_id = $2 AND r.source = 'return' AND r.cause = $4)`;
const insert = `
  INSERT INTO fan_points (club_id, person_id, source, cause, delta, on_day, at)
  SELECT club_id, person_id, source, cause, delta, ${dayOf('$6')}, ${at('$6')}
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[]) AS new (club_id, person_id, source, cause, delta)`;
const addUp = `
  UPDATE fan_memberships m SET points = m.points + new.delta,
    active_at = CASE WHEN new.delta > 0 THEN ${at('$4')} ELSE m.active_at END,
    decays_at = CASE WHEN new.delta > 0 THEN NULL ELSE m.decays_at END
  FROM (SELECT club_id, person_id, sum(delta)::int AS delta FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS one (club_id, person_id, delta)
        GROUP BY 1, 2) AS new
  WHERE m.club_id = new.club_id AND m.person_id = new.person_id`;

/**
 * Takes the members whose points go now, longest due first, and sets when the next ones go: in whole days, so that one for whom
 * nobody came for a week loses the points of one day. Somebody who is just getting points is let be; so nothing waits here.
 */
const takeDue = `
  WITH due AS (
    SELECT club_id, person_id, decays_at FROM fan_memberships
    WHERE state = 'member' AND points > 0 AND decays_at <= ${at('$1')}
    ORDER BY decays_at LIMIT $2 FOR UPDATE SKIP LOCKED
  )
  UPDATE fan_memberships m SET decays_at = due.decays_at + ${span(decay.everyMs)}
    * (1 + floor(extract(epoch FROM ${at('$1')} - due.decays_at) * 1000 / ${decay.everyMs}))
  FROM due WHERE m.club_id = due.club_id AND m.person_id = due.person_id
  RETURNING m.club_id AS "clubId", m.person_id AS "personId", m.points,
    to_char(due.decays_at AT TIME ZONE 'UTC', '"decay:"YYYY-MM-DD') AS cause`;
const takeWarnings = `
  WITH idle AS (
    SELECT f.club_id, f.person_id, host.display_name AS host_name
    FROM fan_memberships f JOIN people host ON host.person_id = f.club_id
    WHERE state = 'member' AND points > 0 AND decays_at IS NULL
      AND active_at < ${at('$1')} - ${span(decay.afterMs - decay.warnBeforeMs)}
    ORDER BY active_at LIMIT $2 FOR UPDATE OF f SKIP LOCKED
  )
  UPDATE fan_memberships m
  SET decays_at = greatest(m.active_at + ${span(decay.afterMs)}, ${at('$1')} + ${span(decay.warnBeforeMs)})
  FROM idle WHERE m.club_id = idle.club_id AND m.person_id = idle.person_id
  RETURNING m.club_id AS "clubId", m.person_id AS "personId", m.points, idle.host_name AS "hostName",
    (extract(epoch FROM m.decays_at) * 1000)::bigint AS "decaysAtMs"`;

const warnings = `
  SELECT m.club_id AS "clubId", m.person_id AS "personId", m.points, host.display_name AS "hostName",
    (extract(epoch FROM m.decays_at) * 1000)::bigint AS "decaysAtMs"
  FROM fan_memberships m JOIN people host ON host.person_id = m.club_id
  WHERE m.person_id = $1 AND m.state = 'member' AND m.points > 0 AND m.decays_at IS NOT NULL
  ORDER BY m.decays_at, m.club_id LIMIT $2`;

/** By day first, which is the order of the index; a clock that is off by a moment around midnight UTC changes no more than that. */
const rowsOf = `
  SELECT source, delta, cause, (extract(epoch FROM at) * 1000)::bigint AS "atMs" FROM fan_points
  WHERE club_id = $1 AND person_id = $2 ORDER BY on_day DESC, row_id DESC LIMIT $3`;
const audited = `
  SELECT m.club_id AS "clubId", m.person_id AS "personId", m.points AS kept,
    (SELECT coalesce(sum(p.delta), 0)::bigint FROM fan_points p
      WHERE p.club_id = m.club_id AND p.person_id = m.person_id) AS summed
  FROM fan_memberships m WHERE (m.club_id, m.person_id) > ($1::uuid, $2::uuid) ORDER BY m.club_id, m.person_id LIMIT $3`;

type Given = Fan & { source: string; cause: string; delta: number };

export function createFanPointsStore(db: Db): FanPointsStore {
  return {
    award: (deeds, nowMs) => inTransaction(db, (client) => awardAll(client, deeds, nowMs)),
    takeBack: ({ clubId, personId, source, cause }, nowMs) =>
      inTransaction(db, async (client) => {
        const fan = (await client.query<{ points: number }>(lockFan, [clubId, personId])).rows[0];
        const values = [clubId, personId, source, cause];
        const given = (await client.query<{ delta: number }>(standingPoints, values)).rows[0];
        if (!fan || !given) return;
        const delta = -Math.min(given.delta, fan.points);
        await write(client, [{ clubId, personId, source: 'return', cause, delta }], nowMs);
      }),
    decay: (nowMs, membersMax) =>
      inTransaction(db, async (client) => {
        const { rows } = await client.query<Fan & { points: number; cause: string }>(takeDue, [nowMs, membersMax]);
        const taken = rows.map(({ points, ...due }) => ({ ...due, source: 'decay', delta: -decayOf(points) }));
        await write(client, taken, nowMs);
        return taken.length;
      }),
    async takeWarnings(nowMs, membersMax) {
      return (await db.query<DecayWarning>(takeWarnings, [nowMs, membersMax])).rows;
    },
    async warnings(personId, clubsMax) {
      return (await db.query<DecayWarning>(warnings, [personId, clubsMax])).rows;
    },
    async rows(clubId, personId, rowsMax) {
      return (await db.query<PointsRow>(rowsOf, [clubId, personId, rowsMax])).rows;
    },
    async audit(after, membersMax) {
      const values = [after?.clubId ?? noId, after?.personId ?? noId, membersMax];
      const { rows } = await db.query<Drift>(audited, values);
      return {
        drifted: rows.filter(({ kept, summed }) => kept !== summed),
        next: rows.length === membersMax ? rows.at(-1)! : null,
      };
    },
  };
}

async function awardAll(client: DbClient, deeds: readonly Deed[], nowMs: number): Promise<Awarded[]> {
  const [clubs, people] = [deeds.map(({ clubId }) => clubId), deeds.map(({ personId }) => personId)];
  const prizes = deeds.filter(isPrize);
  if (prizes.length > 0) await client.query(openRecords, [...columns(prizes).slice(0, 2), nowMs]);
  const { rows: fans } = await client.query<Fan & { state: string }>(lockFans, [clubs, people]);
  const states = new Map(fans.map((fan) => [memberKey(fan), fan.state]));
  const today = await client.query<Given & { points: number }>(givenToday, [clubs, people, nowMs]);
  const spent = new Map(today.rows.map((row) => [`${memberKey(row)} ${row.source}`, row.points]));
  const seen = new Set((await client.query<Given>(known, [...columns(deeds)])).rows.map(deedKey));
  const given: Given[] = [];
  const answers = deeds.map((deed): Awarded => {
    if (seen.has(deedKey(deed))) return 'before';
    const state = states.get(memberKey(deed));
    const gets = state === 'member' || (state !== undefined && isPrize(deed));
    const delta = gets ? underCap(deed, spent) : 0;
    if (delta === 0) return 'nothing';
    seen.add(deedKey(deed));
    given.push({ ...deed, delta });
    return 'given';
  });
  await write(client, given, nowMs);
  return answers;
}

/** Points of a deed, cut at what its source may still give today. */
function underCap({ source, times, ...who }: Deed, spent: Map<string, number>): number {
  const { each, perDayMax } = pointRules[source satisfies PointSource];
  const key = `${memberKey(who)} ${source}`;
  const before = spent.get(key) ?? 0;
  const delta = Math.max(0, Math.min(each * times, perDayMax - before));
  spent.set(key, before + delta);
  return delta;
}

async function write(client: DbClient, given: readonly Given[], nowMs: number): Promise<void> {
  if (given.length === 0) return;
  const deltas = given.map(({ delta }) => delta);
  const [clubs, people, sources, causes] = columns(given);
  await client.query(insert, [clubs, people, sources, causes, deltas, nowMs]);
  await client.query(addUp, [clubs, people, deltas, nowMs]);
}

/** A prize is given to whoever won it. */
const isPrize = ({ source }: Deed): boolean => source === 'prize';

type Named = Omit<Given, 'delta'>;

const columns = (rows: readonly Named[]): [string[], string[], string[], string[]] => [
  rows.map(({ clubId }) => clubId),
  rows.map(({ personId }) => personId),
  rows.map(({ source }) => source),
  rows.map(({ cause }) => cause),
];
const memberKey = ({ clubId, personId }: Fan): string => `${clubId} ${personId}`;
const deedKey = (row: Named): string => `${memberKey(row)} ${row.source} ${row.cause}`;
