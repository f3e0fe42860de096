import type { Queryable } from '../../platform/postgres.ts';

export type SavedAudience = { likes: number; visitors: number; viewersPeak: number };
/** `viewers`: how many watch now. */
export type AudienceNow = { likes: number; visitors: number; viewers: number };

export type AudienceStore = {
  /** Zeros for a room that nobody saved. */
  find(roomId: string): Promise<SavedAudience>;
  /** Counts and the peak only rise, so an older save can't undo a newer one. */
  save(rooms: readonly (AudienceNow & { roomId: string })[]): Promise<void>;
};

const select = `
  SELECT likes, visitors, viewers_peak AS "viewersPeak" FROM room_audience WHERE room_id = $1`;
const upsert = `
  INSERT INTO room_audience (room_id, likes, visitors, viewers_peak, viewers)
  SELECT room_id, likes, visitors, viewers, viewers
  FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS t (room_id, likes, visitors, viewers)
  WHERE EXISTS (SELECT FROM rooms WHERE rooms.room_id = t.room_id)
  ON CONFLICT (room_id) DO UPDATE SET
    likes = greatest(room_audience.likes, EXCLUDED.likes),
    visitors = greatest(room_audience.visitors, EXCLUDED.visitors),
    viewers_peak = greatest(room_audience.viewers_peak, EXCLUDED.viewers_peak),
    viewers = EXCLUDED.viewers,
    saved_at = now()`;

export function createAudienceStore(db: Queryable): AudienceStore {
  return {
    async find(roomId) {
      const { rows } = await db.query<SavedAudience>(select, [roomId]);
      return rows[0] ?? { likes: 0, visitors: 0, viewersPeak: 0 };
    },
    async save(rooms) {
      const column = (name: 'roomId' | 'likes' | 'visitors' | 'viewers') => rooms.map((room) => room[name]);
      await db.query(upsert, [column('roomId'), column('likes'), column('visitors'), column('viewers')]);
    },
  };
}
