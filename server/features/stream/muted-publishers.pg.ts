import type { Muted } from '../../../shared/media-link.ts';
import type { MediaKind } from '../../../shared/protocol/media.ts';
import { inTransaction, type Db, type DbClient } from '../../platform/postgres.ts';

/** Who is muted in a room, whether they publish just now or not. */
export type MutedPublishers = {
  /** Gives what is muted of them from now on, and whether it was otherwise before. */
  set(roomId: string, personId: string, kind: MediaKind, muted: boolean): Promise<{ all: Muted; isChanged: boolean }>;
  of(roomId: string, personId: string): Promise<Muted>;
  /** Everybody in these rooms. */
  in(roomIds: readonly string[]): Promise<MutedOne[]>;
};
type MutedOne = { roomId: string; personId: string; kind: MediaKind };

const mute = `INSERT INTO muted_publishers (room_id, person_id, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
const unmute = `DELETE FROM muted_publishers WHERE room_id = $1 AND person_id = $2 AND kind = $3`;
/** Transactions are numbered when they ask for it: behind the lock, so the later state has the larger number. */
const read = `
  SELECT pg_current_xact_id()::text::bigint AS version,
    coalesce((SELECT json_agg(kind) FROM muted_publishers WHERE room_id = $1 AND person_id = $2), '[]') AS kinds`;
const inRooms = `
  SELECT room_id AS "roomId", person_id AS "personId", kind FROM muted_publishers WHERE room_id = ANY ($1)`;
const lockPublisher = `SELECT pg_advisory_xact_lock(hashtextextended('muted ' || $1 || ' ' || $2, 0))`;

export function createMutedPublishers(db: Db): MutedPublishers {
  return {
    async set(roomId, personId, kind, muted) {
      let isChanged = false;
      const all = await locked(roomId, personId, async (client) => {
        isChanged = (await client.query(muted ? mute : unmute, [roomId, personId, kind])).rowCount !== 0;
      });
      return { all, isChanged };
    },
    of: (roomId, personId) => locked(roomId, personId, async () => undefined),
    in: async (roomIds) => (await db.query<MutedOne>(inRooms, [roomIds])).rows,
  };

  function locked(roomId: string, personId: string, change: (client: DbClient) => Promise<void>): Promise<Muted> {
    return inTransaction(db, async (client) => {
      await client.query(lockPublisher, [roomId, personId]);
      await change(client);
      return (await client.query<Muted>(read, [roomId, personId])).rows[0]!;
    });
  }
}
