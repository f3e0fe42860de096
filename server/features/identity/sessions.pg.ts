import { createHash } from 'node:crypto';
import type { Queryable } from '../../platform/postgres.ts';

/** What a refresh token turned out to be. `reused`: it was replaced before, so somebody else holds a copy. */
export type Rotation = { outcome: 'rotated'; sessionId: string; personId: string } | { outcome: 'unknown' | 'reused' };

const insert = `
  INSERT INTO sessions (session_id, person_id, refresh_hash, expires_at)
  VALUES ($1, $2, $3, now() + make_interval(days => $4))`;

const rotate = `
  UPDATE sessions
  SET refresh_hash = $2, last_refresh_hash = refresh_hash, refreshed_at = now(), expires_at = now() + make_interval(days => $3)
  WHERE refresh_hash = $1 AND revoked_at IS NULL AND expires_at > now()
  RETURNING session_id AS "sessionId", person_id AS "personId"`;

const revokeReused = `UPDATE sessions SET revoked_at = now() WHERE last_refresh_hash = $1 AND revoked_at IS NULL`;

const revoke = `
  UPDATE sessions SET revoked_at = now()
  WHERE person_id = $1 AND ($2::uuid IS NULL OR session_id = $2) AND revoked_at IS NULL`;

/** Overlaps the last look on purpose: a transaction may commit after a later one was seen. */
const revokedSince = `
  SELECT session_id AS "sessionId" FROM sessions WHERE revoked_at > now() - make_interval(secs => $1)`;

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore(db: Queryable, { sessionDays }: { sessionDays: number }) {
  return {
    async add(sessionId: string, personId: string, refreshToken: string): Promise<void> {
      await db.query(insert, [sessionId, personId, hashOf(refreshToken), sessionDays]);
    },
    /** Replaces a refresh token by the next one, once. A token used twice ends its session. */
    async rotate(refreshToken: string, nextToken: string): Promise<Rotation> {
      const { rows } = await db.query<{ sessionId: string; personId: string }>(rotate, [
        hashOf(refreshToken),
        hashOf(nextToken),
        sessionDays,
      ]);
      if (rows[0]) return { outcome: 'rotated', ...rows[0] };
      const { rowCount } = await db.query(revokeReused, [hashOf(refreshToken)]);
      return { outcome: rowCount ? 'reused' : 'unknown' };
    },
    /** Ends one session of a person, or all with `null`. Returns how many were open. */
    async revoke(personId: string, sessionId: string | null): Promise<number> {
      return (await db.query(revoke, [personId, sessionId])).rowCount ?? 0;
    },
    async revokedWithin(seconds: number): Promise<string[]> {
      const { rows } = await db.query<{ sessionId: string }>(revokedSince, [seconds]);
      return rows.map(({ sessionId }) => sessionId);
    },
  };
}

/** Refresh tokens are random, so a plain hash is enough: there is nothing to guess. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
