import type { Queryable } from '../../platform/postgres.ts';

/** What changed since a look before. */
export type Look = {
  /** Give it to the next look. */
  upTo: string;
  /** Rooms, and people who host them. */
  about: string[];
};

export type RoomChangesStore = {
  /**
   * @param since `upTo` of the last look; null at the first one, which finds nothing.
   * @param max of `about`; one more than that means that there is more.
   */
  look(since: string | null, max: number): Promise<Look>;
  /** Deletes what is so old. */
  forget(minutes: number): Promise<void>;
};

/** From the oldest transaction that was under way at the last look: whatever had ended by then was seen by it. So nothing is ever missed. */
const look = `
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS "upTo",
    ARRAY(SELECT DISTINCT about FROM room_changes WHERE changed_in >= $1::xid8 LIMIT $2) AS about`;
const forget = 'DELETE FROM room_changes WHERE at < now() - make_interval(mins => $1)';

export function createRoomChangesStore(db: Queryable): RoomChangesStore {
  return {
    look: async (since, max) => (await db.query<Look>(look, [since, max + 1])).rows[0]!,
    async forget(minutes) {
      await db.query(forget, [minutes]);
    },
  };
}
