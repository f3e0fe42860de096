import type { Publisher } from '../../../shared/protocol/media.ts';
import type { Db } from '../../platform/postgres.ts';

/** Who each room was last told publishes in it. */
export type PublishersTold = {
  note(roomId: string, publishers: readonly Publisher[]): Promise<void>;
  /** Of rooms that were told of anybody. */
  all(): Promise<{ roomId: string; publishers: Publisher[] }[]>;
};

const note = `
  INSERT INTO publishers_told (room_id, publishers) VALUES ($1, $2)
  ON CONFLICT (room_id) DO UPDATE SET publishers = excluded.publishers`;
const forget = `DELETE FROM publishers_told WHERE room_id = $1`;
const all = `SELECT room_id AS "roomId", publishers FROM publishers_told`;

export function createPublishersTold(db: Db): PublishersTold {
  return {
    async note(roomId, publishers) {
      if (publishers.length === 0) await db.query(forget, [roomId]);
      else await db.query(note, [roomId, JSON.stringify(publishers)]);
    },
    all: async () => (await db.query<{ roomId: string; publishers: Publisher[] }>(all)).rows,
  };
}
