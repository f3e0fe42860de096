import type { Queryable } from '../../platform/postgres.ts';

/** What changed since a look before. */
export type Look = {
  /** Which transactions had ended by then, as PostgreSQL writes a snapshot. Give it to the next look. */
  seen: string;
  /** Rooms, and people who host them. */
  about: string[];
};

export type RoomChangesStore = {
  /**
   * What was committed since a look before, each change once.
   *
   * @param since `seen` of the last look; null at the first one, which finds nothing.
   * @param max of `about`; one more than that means that there is more.
   */
  look(since: string | null, max: number): Promise<Look>;
  /**
   * Deletes what was changed by transactions before this one; nothing with null.
   *
   * @returns a transaction before which all have ended by now. Who gives it back later deletes nothing that is younger than that.
   */
  forget(before: string | null): Promise<string>;
};

/**
 * What the last look could not see: of transactions that had not ended then. All older than the oldest of those had, which is where
 * the index begins.
 */
const look = `
  SELECT pg_current_snapshot()::text AS seen,
    ARRAY(SELECT DISTINCT about FROM room_changes
      WHERE changed_in >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(changed_in, $1::pg_snapshot)
      LIMIT $2) AS about`;
const forget = `
  WITH gone AS (DELETE FROM room_changes WHERE changed_in < $1::xid8)
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS ended`;

export function createRoomChangesStore(db: Queryable): RoomChangesStore {
  return {
    look: async (since, max) => (await db.query<Look>(look, [since, max + 1])).rows[0]!,
    forget: async (before) => (await db.query<{ ended: string }>(forget, [before])).rows[0]!.ended,
  };
}
