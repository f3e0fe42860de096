import { newId } from '../../../shared/ids.ts';
import type { Queryable } from '../../platform/postgres.ts';

/** Banned words of a room, or of the platform (`null`). */
export type WordStore = {
  list(roomId: string | null): Promise<string[]>;
  /** Words whose folded form is there already are left as they are. Returns false, adding none, when the list would get too long. */
  add(roomId: string | null, words: readonly { word: string; folded: string }[], byId: string): Promise<boolean>;
  /** Also words that were folded in another way when they were added. */
  remove(roomId: string | null, words: readonly { word: string; folded: string }[]): Promise<void>;
};

/** Words of one list, which is answered as a whole: so many of the longest are less than a reader may leave unread. @see unreadBytesMax */
export const wordsMax = 5_000;

const list = `SELECT word FROM banned_words WHERE room_id IS NOT DISTINCT FROM $1 ORDER BY added_at, word`;
const count = `SELECT count(*) AS words FROM banned_words WHERE room_id IS NOT DISTINCT FROM $1`;
const insert = `
  INSERT INTO banned_words (word_id, room_id, word, folded, added_by)
  SELECT t.id, $1, t.word, t.folded, $5 FROM unnest($2::uuid[], $3::text[], $4::text[]) AS t (id, word, folded)
  ON CONFLICT (room_id, folded) DO NOTHING`;
const remove = `DELETE FROM banned_words WHERE room_id IS NOT DISTINCT FROM $1 AND (folded = ANY ($2) OR word = ANY ($3))`;

export function createWordStore(db: Queryable): WordStore {
  return {
    async list(roomId) {
      return (await db.query<{ word: string }>(list, [roomId])).rows.map(({ word }) => word);
    },
    async add(roomId, words, byId) {
      const known = (await db.query<{ words: number }>(count, [roomId])).rows[0]!.words;
      if (known + words.length > wordsMax) return false;
      const ids = words.map(() => newId());
      const columns = [words.map(({ word }) => word), words.map(({ folded }) => folded)];
      await db.query(insert, [roomId, ids, ...columns, byId]);
      return true;
    },
    async remove(roomId, words) {
      await db.query(remove, [roomId, words.map(({ folded }) => folded), words.map(({ word }) => word)]);
    },
  };
}
