import { mediaLimits, type CoHosts as Known } from '../../../shared/protocol/media.ts';
import type { Clock } from '../../platform/clock.ts';
import { inTransaction, msOf, type Db, type DbClient, type Queryable } from '../../platform/postgres.ts';

/** Who may publish in a room besides its host. */
export type CoHosts = {
  /** False when as many as possible are invited or publish already. Inviting again gives the whole time to answer again. */
  invite(roomId: string, personId: string): Promise<boolean>;
  /** False when the person was not invited, or answers too late. Accepting twice is accepting once. */
  accept(roomId: string, personId: string): Promise<boolean>;
  /** What they were until now; null when they were neither. */
  remove(roomId: string, personId: string): Promise<WasCoHost>;
  /** The same, told by `say` to whoever was one: neither happens without the other. Telling goes in turn, as with `tell`. */
  giveBack(
    roomId: string,
    personId: string,
    say: (known: Known, was: NonNullable<WasCoHost>) => Promise<unknown>,
  ): Promise<WasCoHost>;
  /** Whether the person accepted. */
  has(roomId: string, personId: string): Promise<boolean>;
  /** Who accepted, or may still accept: until when (Unix ms); null for whoever accepted. */
  expected(roomId: string): Promise<ReadonlyMap<string, number | null>>;
  /** Everybody invited or accepted, and who of them, and of the hosts, is muted. */
  of(roomId: string): Promise<Known>;
  /** The same, told by `say` in the order in which it changed: nobody else changes or tells it meanwhile. */
  tell(roomId: string, say: (known: Known) => Promise<unknown>): Promise<void>;
};

export type WasCoHost = 'invited' | 'co-host' | null;

/** What is not answered by then has ended, and its place is free for somebody else. */
export const invitationMs = 3 * 60_000;

const lockRoom = `SELECT pg_advisory_xact_lock(hashtextextended('co-hosts ' || $1, 0))`;
const forgetEnded = `
  DELETE FROM co_hosts WHERE room_id = $1 AND accepted_at IS NULL AND invited_at <= to_timestamp($2 / 1000.0)`;
const invite = `
  INSERT INTO co_hosts (room_id, person_id, invited_at)
  SELECT $1, $2, to_timestamp($3 / 1000.0)
  WHERE (SELECT count(*) FROM co_hosts WHERE room_id = $1 AND person_id <> $2) < ${mediaLimits.publishersMax - 1}
  ON CONFLICT (room_id, person_id) DO UPDATE SET invited_at = excluded.invited_at`;
const accept = `
  UPDATE co_hosts SET accepted_at = coalesce(accepted_at, to_timestamp($3 / 1000.0))
  WHERE room_id = $1 AND person_id = $2 AND (accepted_at IS NOT NULL OR invited_at > to_timestamp($4 / 1000.0))`;
const remove = `
  DELETE FROM co_hosts WHERE room_id = $1 AND person_id = $2
  RETURNING CASE WHEN accepted_at IS NULL THEN 'invited' ELSE 'co-host' END AS was`;
const has = `SELECT 1 FROM co_hosts WHERE room_id = $1 AND person_id = $2 AND accepted_at IS NOT NULL`;
const untilMs = (coHost: string): string =>
  `CASE WHEN ${coHost}.accepted_at IS NULL THEN ${msOf(`${coHost}.invited_at`)} + ${invitationMs} END`;
const isExpected = (coHost: string): string =>
  `(${coHost}.accepted_at IS NOT NULL OR ${coHost}.invited_at > to_timestamp($2 / 1000.0))`;
const expected = `SELECT c.person_id AS "personId", ${untilMs('c')} AS "untilMs" FROM co_hosts c WHERE c.room_id = $1 AND ${isExpected('c')}`;
const mutedOf = (room: string, person: string): string => `
  coalesce((SELECT json_agg(kind ORDER BY kind) FROM muted_publishers WHERE room_id = ${room} AND person_id = ${person}), '[]')`;
const read = `
  SELECT ${mutedOf('r.room_id', 'r.host_id')} AS "hostMuted", coalesce((
    SELECT json_agg(json_build_object(
      'personId', c.person_id, 'name', p.display_name, 'muted', ${mutedOf('c.room_id', 'c.person_id')},
      'untilMs', ${untilMs('c')}
    ) ORDER BY c.invited_at, c.person_id)
    FROM co_hosts c JOIN people p USING (person_id)
    WHERE c.room_id = r.room_id AND ${isExpected('c')}
  ), '[]') AS "coHosts"
  FROM rooms r WHERE r.room_id = $1`;

export function createCoHosts(db: Db, nowMs: Clock): CoHosts {
  const changes = async (client: Queryable, sql: string, values: unknown[]): Promise<boolean> =>
    ((await client.query(sql, values)).rowCount ?? 0) > 0;
  /** Invitations of then, and before, have ended. */
  const endedMs = (): number => nowMs() - invitationMs;

  return {
    invite: (roomId, personId) =>
      locked(roomId, async (client) => {
        await client.query(forgetEnded, [roomId, endedMs()]);
        return changes(client, invite, [roomId, personId, nowMs()]);
      }),
    accept: (roomId, personId) => changes(db, accept, [roomId, personId, nowMs(), endedMs()]),
    remove: (roomId, personId) => removeFrom(db, roomId, personId),
    giveBack: (roomId, personId, say) =>
      locked(roomId, async (client) => {
        const was = await removeFrom(client, roomId, personId);
        if (was) await say(await readOf(client, roomId), was);
        return was;
      }),
    has: (roomId, personId) => changes(db, has, [roomId, personId]),
    async expected(roomId) {
      const { rows } = await db.query<{ personId: string; untilMs: number | null }>(expected, [roomId, endedMs()]);
      return new Map(rows.map(({ personId, untilMs: until }) => [personId, until]));
    },
    of: (roomId) => readOf(db, roomId),
    tell: (roomId, say) =>
      locked(roomId, async (client) => {
        await say(await readOf(client, roomId));
      }),
  };

  /** A statement sees what was there when it began, so the lock has to be one before it. */
  function locked<T>(roomId: string, act: (client: DbClient) => Promise<T>): Promise<T> {
    return inTransaction(db, async (client) => {
      await client.query(lockRoom, [roomId]);
      return act(client);
    });
  }

  async function removeFrom(client: Queryable, roomId: string, personId: string): Promise<WasCoHost> {
    const { rows } = await client.query<{ was: WasCoHost }>(remove, [roomId, personId]);
    return rows[0]?.was ?? null;
  }

  async function readOf(client: Queryable, roomId: string): Promise<Known> {
    return (await client.query<Known>(read, [roomId, endedMs()])).rows[0] ?? { coHosts: [], hostMuted: [] };
  }
}
