import { decay, decayOf, pointRules, type PointSource } from '../../../shared/fan-levels.ts';
import { inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';
import type { DecayWarning, Deed, FanPointsStore, PointsRow } from './fan-points.ts';

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;
const dayOf = (parameter: string): string => `(${at(parameter)} AT TIME ZONE 'UTC')::date`;

/** A warning comes so long before the first points go, also when nothing ran in the week before, ms. */
const warnedBeforeMs = decay.afterMs - decay.warnAfterMs;

/** Locks in one order, so that two batches with the same people can't wait for each other. */
const lockMembers = `
  SELECT club_id AS "clubId", person_id AS "personId" FROM fan_memberships
  WHERE state = 'member' AND (club_id, person_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))
  ORDER BY club_id, person_id FOR UPDATE`;
const givenToday = `
  SELECT club_id AS "clubId", person_id AS "personId", source, sum(delta)::int AS points FROM fan_points
  WHERE (club_id, person_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[])) AND on_day = ${dayOf('$3')}
  GROUP BY 1, 2, 3`;
const known = `
  SELECT club_id AS "clubId", person_id AS "personId", source, cause FROM fan_points
  WHERE (club_id, person_id, source, cause) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]))`;
const insert = `
  INSERT INTO fan_points (club_id, person_id, source, cause, delta, on_day, at)
  SELECT club_id, person_id, source, cause, delta, ${dayOf('$6')}, ${at('$6')}
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[]) AS new (club_id, person_id, source, cause, delta)`;
const addUp = `
  UPDATE fan_memberships m SET points = m.points + new.delta,
    active_at = CASE WHEN new.delta > 0 THEN ${at('$4')} ELSE m.active_at END,
    warned = m.warned AND new.delta < 0
  FROM (SELECT club_id, person_id, sum(delta)::int AS delta FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS one (club_id, person_id, delta)
        GROUP BY 1, 2) AS new
  WHERE m.club_id = new.club_id AND m.person_id = new.person_id`;

const lockIdle = `
  SELECT m.club_id AS "clubId", m.person_id AS "personId", m.points FROM fan_memberships m
  WHERE m.state = 'member' AND m.points > 0 AND m.active_at < ${at('$1')} AND m.warned AND m.warned_at <= ${at('$4')}
    AND NOT EXISTS (SELECT FROM fan_points p WHERE p.club_id = m.club_id AND p.person_id = m.person_id
                    AND p.source = 'decay' AND p.on_day = ${dayOf('$2')})
  ORDER BY m.club_id, m.person_id LIMIT $3 FOR UPDATE`;
const takeWarnings = `
  UPDATE fan_memberships m SET warned = true, warned_at = ${at('$3')}
  FROM (SELECT f.club_id, f.person_id, host.display_name AS host_name
        FROM fan_memberships f JOIN people host ON host.person_id = f.club_id
        WHERE f.state = 'member' AND f.points > 0 AND NOT f.warned AND f.active_at < ${at('$1')}
        ORDER BY f.club_id, f.person_id LIMIT $2 FOR UPDATE OF f) AS idle
  WHERE m.club_id = idle.club_id AND m.person_id = idle.person_id
  RETURNING m.club_id AS "clubId", m.person_id AS "personId", idle.host_name AS "hostName", m.points,
    greatest((extract(epoch FROM m.active_at) * 1000)::bigint + ${decay.afterMs}, $3::bigint + ${warnedBeforeMs}) AS "decaysAtMs"`;

const rowsOf = `
  SELECT source, delta, cause, (extract(epoch FROM at) * 1000)::bigint AS "atMs" FROM fan_points
  WHERE club_id = $1 AND person_id = $2 ORDER BY row_id DESC LIMIT $3`;
const drifted = `
  SELECT m.club_id AS "clubId", m.person_id AS "personId", m.points AS kept, coalesce(sum(p.delta), 0)::bigint AS summed
  FROM fan_memberships m LEFT JOIN fan_points p USING (club_id, person_id)
  GROUP BY m.club_id, m.person_id HAVING m.points <> coalesce(sum(p.delta), 0) LIMIT $1`;

type Given = { clubId: string; personId: string; source: string; cause: string; delta: number };

export function createFanPointsStore(db: Db): FanPointsStore {
  return {
    award: (deeds, nowMs) => inTransaction(db, (client) => awardAll(client, deeds, nowMs)),
    decay: (nowMs, membersMax) =>
      inTransaction(db, async (client) => {
        const { rows } = await client.query<{ clubId: string; personId: string; points: number }>(lockIdle, [
          nowMs - decay.afterMs,
          nowMs,
          membersMax,
          nowMs - warnedBeforeMs,
        ]);
        const cause = `decay:${new Date(nowMs).toISOString().slice(0, 10)}`;
        const taken = rows.map(({ points, ...who }) => ({ ...who, source: 'decay', cause, delta: -decayOf(points) }));
        await write(client, taken, nowMs);
        return taken.length;
      }),
    async takeWarnings(nowMs, membersMax) {
      const values = [nowMs - decay.warnAfterMs, membersMax, nowMs];
      return (await db.query<DecayWarning>(takeWarnings, values)).rows;
    },
    async rows(clubId, personId, rowsMax) {
      return (await db.query<PointsRow>(rowsOf, [clubId, personId, rowsMax])).rows;
    },
    async drifted(membersMax) {
      return (await db.query<{ clubId: string; personId: string; kept: number; summed: number }>(drifted, [membersMax]))
        .rows;
    },
  };
}

async function awardAll(client: DbClient, deeds: readonly Deed[], nowMs: number): Promise<boolean[]> {
  const [clubs, people] = [deeds.map(({ clubId }) => clubId), deeds.map(({ personId }) => personId)];
  const members = await client.query<{ clubId: string; personId: string }>(lockMembers, [clubs, people]);
  const isMember = new Set(members.rows.map(memberKey));
  const today = await client.query<Given & { points: number }>(givenToday, [clubs, people, nowMs]);
  const spent = new Map(today.rows.map((row) => [`${memberKey(row)} ${row.source}`, row.points]));
  const seen = new Set((await client.query<Given>(known, [...columns(deeds)])).rows.map(deedKey));
  const given: Given[] = [];
  for (const deed of deeds) {
    if (!isMember.has(memberKey(deed)) || seen.has(deedKey(deed))) continue;
    const delta = underCap(deed, spent);
    if (delta === 0) continue;
    seen.add(deedKey(deed));
    given.push({ ...deed, delta });
  }
  await write(client, given, nowMs);
  return deeds.map((deed) => seen.has(deedKey(deed)));
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

type Cause = { clubId: string; personId: string; source: string; cause: string };

const columns = (rows: readonly Cause[]): [string[], string[], string[], string[]] => [
  rows.map(({ clubId }) => clubId),
  rows.map(({ personId }) => personId),
  rows.map(({ source }) => source),
  rows.map(({ cause }) => cause),
];
const memberKey = ({ clubId, personId }: { clubId: string; personId: string }): string => `${clubId} ${personId}`;
const deedKey = (row: Cause): string => `${memberKey(row)} ${row.source} ${row.cause}`;
