import type { MediaKind } from '../../../shared/protocol/media.ts';
import type { Db } from '../../platform/postgres.ts';

/** Who is muted in a room, whether they publish just now or not. */
export type MutedPublishers = {
  set(roomId: string, personId: string, kind: MediaKind, muted: boolean): Promise<void>;
  of(roomId: string, personId: string): Promise<MediaKind[]>;
};

const mute = `INSERT INTO muted_publishers (room_id, person_id, kind) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
const unmute = `DELETE FROM muted_publishers WHERE room_id = $1 AND person_id = $2 AND kind = $3`;
const of = `SELECT kind FROM muted_publishers WHERE room_id = $1 AND person_id = $2`;

export function createMutedPublishers(db: Db): MutedPublishers {
  return {
    async set(roomId, personId, kind, muted) {
      await db.query(muted ? mute : unmute, [roomId, personId, kind]);
    },
    of: async (roomId, personId) =>
      (await db.query<{ kind: MediaKind }>(of, [roomId, personId])).rows.map(({ kind }) => kind),
  };
}
