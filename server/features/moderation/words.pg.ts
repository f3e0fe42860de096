import { newId } from '../../../shared/ids.ts';
import type { Queryable } from '../../platform/postgres.ts';

/** Banned words of a room, or of the platform (`null`). */
export type WordStore = {
  list(roomId: string | null): Promise<string[]>;
  /** Words that are there already, themselves or folded, are left as they are. Returns those that were not, null, adding none, when the list would get too long. */
  add(
    roomId: string | null,
    words: readonly { word: string; folded: string }[],
    byId: string,
  ): Promise<string[] | null>;
  /** Also words that were folded in another way when they were added. Returns those that were there. */
  remove(roomId: string | null, words: readonly { word: string; folded: string }[]): Promise<string[]>;
};

/** Words of one list, which is answered as a whole: so many of the longest are less than a reader may leave unread. @see unreadBytesMax */
export const wordsMax = 5_000;
/** Characters of all words of one list, as they are folded: making the filter of one holds up a gateway for some ms, each time it changes. */
export const listCharactersMax = 30_000;

const list = `SELECT word FROM banned_words WHERE room_id IS NOT DISTINCT FROM $1 ORDER BY added_at, word`;
const size = `
  SELECT count(*) AS words, coalesce(sum(length(folded)), 0) AS characters FROM banned_words
  WHERE room_id IS NOT DISTINCT FROM $1`;
const insert = `
  INSERT INTO banned_words (word_id, room_id, word, folded, added_by)
  SELECT t.id, $1, t.word, t.folded, $5 FROM unnest($2::uuid[], $3::text[], $4::text[]) AS t (id, word, folded)
  WHERE NOT EXISTS (SELECT FROM banned_words b WHERE b.room_id IS NOT DISTINCT FROM $1 AND b.word = t.word)
  ON CONFLICT (room_id, folded) DO NOTHING RETURNING word`;
const remove = `
  DELETE FROM banned_words WHERE room_id IS NOT DISTINCT FROM $1 AND (folded = ANY ($2) OR word = ANY ($3)) RETURNING word`;

const wordsIn = ({ rows }: { rows: { word: string }[] }): string[] => rows.map(({ word }) => word);

export function createWordStore(db: Queryable): WordStore {
  return {
    async list(roomId) {
      return wordsIn(await db.query<{ word: string }>(list, [roomId]));
    },
    async add(roomId, words, byId) {
      const known = (await db.query<{ words: number; characters: number }>(size, [roomId])).rows[0]!;
      const added = words.reduce((sum, { folded }) => sum + folded.length, 0);
      if (known.words + words.length > wordsMax || known.characters + added > listCharactersMax) return null;
      const ids = words.map(() => newId());
      const columns = [words.map(({ word }) => word), words.map(({ folded }) => folded)];
      return wordsIn(await db.query<{ word: string }>(insert, [roomId, ids, ...columns, byId]));
    },
    async remove(roomId, words) {
      const columns = [words.map(({ folded }) => folded), words.map(({ word }) => word)];
      return wordsIn(await db.query<{ word: string }>(remove, [roomId, ...columns]));
    },
  };
}
