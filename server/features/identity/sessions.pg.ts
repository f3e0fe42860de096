import { createHash } from 'node:crypto';
import type { Queryable } from '../../platform/postgres.ts';

/** What a refresh token turned out to be. `reused`: it was replaced before, so somebody else holds a copy. */
export type Rotation = { outcome: 'rotated'; personId: string } | { outcome: 'unknown' | 'reused' };

/** A session ends this long after it began, however often it is refreshed, days. */
const sessionDaysMax = 365;

/**
 * An answer can get lost on its way, and two tabs may ask at once: a token still gives the one that replaced it, until that one was
 * used. Whose session has a password behind it has so long for it; a guest, who could never come back, any time.
 */
const graceSeconds = 30;

const insert = `
  INSERT INTO sessions (session_id, person_id, refresh_hash, expires_at)
  VALUES ($1, $2, $3, now() + make_interval(days => $4))`;

const rotate = `
  UPDATE sessions AS s
  SET refresh_hash = $3,
      refreshed_at = CASE WHEN refresh_hash = $2 THEN now() ELSE refreshed_at END,
      expires_at = LEAST(now() + make_interval(days => $4), s.created_at + make_interval(days => ${sessionDaysMax}))
  FROM people AS p
  WHERE session_id = $1 AND p.person_id = s.person_id AND revoked_at IS NULL AND expires_at > now()
    AND (refresh_hash = $2 OR (refresh_hash = $3
         AND (p.kind = 'guest' OR refreshed_at > now() - make_interval(secs => ${graceSeconds}))))
  RETURNING s.person_id AS "personId"`;

const revokeReused = `UPDATE sessions SET revoked_at = now() WHERE session_id = $1 AND revoked_at IS NULL`;

const revoke = `
  UPDATE sessions SET revoked_at = now()
  WHERE person_id = $1 AND ($2::uuid IS NULL OR session_id = $2) AND revoked_at IS NULL`;

const revokedSince = `
  SELECT session_id AS "sessionId" FROM sessions
  WHERE revoked_at > now() - make_interval(secs => $1) AND revoked_at <= now() ORDER BY revoked_at`;

/** A page of each kind. A day after its end nobody asks for a session any more: access tokens live an hour at the most. */
const forgetEnded = `
  DELETE FROM sessions WHERE session_id IN (
    (SELECT session_id FROM sessions WHERE expires_at < now() - interval '1 day' ORDER BY expires_at LIMIT $1)
    UNION ALL
    (SELECT session_id FROM sessions WHERE revoked_at < now() - interval '1 day' ORDER BY revoked_at LIMIT $1))`;

/** One look goes on for so long at the most; the next begins anew. */
const lookMsMax = 5 * 60_000;

export type SessionStore = ReturnType<typeof createSessionStore>;

export function createSessionStore(db: Queryable, { sessionDays }: { sessionDays: number }) {
  return {
    async add(sessionId: string, personId: string, refreshSecret: string): Promise<void> {
      await db.query(insert, [sessionId, personId, hashOf(refreshSecret), sessionDays]);
    },
    /**
     * Replaces the refresh secret of a session by the next one, which must follow from it: whoever asks again with the same
     * finds it replaced by the very secret they bring. Any other secret ends the session: it was stolen, from whoever holds the
     * newest or by them.
     */
    async rotate(sessionId: string, refreshSecret: string, nextSecret: string): Promise<Rotation> {
      const { rows } = await db.query<{ personId: string }>(rotate, [
        sessionId,
        hashOf(refreshSecret),
        hashOf(nextSecret),
        sessionDays,
      ]);
      if (rows[0]) return { outcome: 'rotated', ...rows[0] };
      const { rowCount } = await db.query(revokeReused, [sessionId]);
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

/**
 * Deletes sessions that ended a day ago. Returns how many. An evening's crowd ends in one hour, a month later: it would not fit
 * into the time of one statement, so each page is one of its own.
 */
export async function forgetEndedSessions(db: Queryable, { pageRows = 500 } = {}): Promise<number> {
  const giveUpAtMs = performance.now() + lookMsMax;
  let forgotten = 0;
  for (let page = Infinity; page > 0 && performance.now() < giveUpAtMs; forgotten += page)
    page = (await db.query(forgetEnded, [pageRows])).rowCount ?? 0;
  return forgotten;
}

/** Refresh secrets are random, so a plain hash is enough: there is nothing to guess. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
