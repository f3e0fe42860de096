import type { Publisher } from '../../../shared/protocol/media.ts';
import type { Db } from '../../platform/postgres.ts';
import type { Position } from '../room-log/room-log.ts';

/** Who publishes in each room, as the last entry of its log about it says. */
export type PublishersTold = {
  /** What an entry says, which stands `at` this position. Nothing where a later one is noted already. */
  note(roomId: string, publishers: readonly Publisher[], at: Position): Promise<void>;
  /** Of rooms that were told of anybody. */
  all(): Promise<{ roomId: string; publishers: Publisher[] }[]>;
};

/** Another epoch is that of a log that began anew: whatever is noted stood in one that is gone. */
const note = `
  INSERT INTO publishers_told AS known (room_id, publishers, log_epoch, log_offset) VALUES ($1, $2, $3, $4)
  ON CONFLICT (room_id) DO UPDATE
  SET publishers = excluded.publishers, log_epoch = excluded.log_epoch, log_offset = excluded.log_offset
  WHERE known.log_epoch <> excluded.log_epoch OR known.log_offset < excluded.log_offset`;
const all = `SELECT room_id AS "roomId", publishers FROM publishers_told WHERE publishers <> '[]'`;

export function createPublishersTold(db: Db): PublishersTold {
  return {
    async note(roomId, publishers, { epoch, offset }) {
      await db.query(note, [roomId, JSON.stringify(publishers), epoch, offset]);
    },
    all: async () => (await db.query<{ roomId: string; publishers: Publisher[] }>(all)).rows,
  };
}
