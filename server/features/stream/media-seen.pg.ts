import type { Db } from '../../platform/postgres.ts';

/** When any gateway last could ask the media server. */
export type MediaSeen = {
  note(): Promise<void>;
  /** Nobody could for so long. */
  isLongerAgoThan(ms: number): Promise<boolean>;
};

/** Written no more often than it matters. */
const note = `UPDATE media_seen SET seen_at = now() WHERE seen_at < now() - interval '5 seconds'`;
const isLongerAgoThan = `SELECT seen_at < now() - make_interval(secs => $1::float8 / 1000) AS "isLongAgo" FROM media_seen`;

export function createMediaSeen(db: Db): MediaSeen {
  return {
    async note() {
      await db.query(note);
    },
    async isLongerAgoThan(ms) {
      return (await db.query<{ isLongAgo: boolean }>(isLongerAgoThan, [ms])).rows[0]!.isLongAgo;
    },
  };
}
