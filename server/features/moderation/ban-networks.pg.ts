import type { Queryable } from '../../platform/postgres.ts';

/** Hosts who keep new guests out, and the networks of those they have banned. */
export type BanNetworks = {
  isOn(hostId: string): Promise<boolean>;
  set(hostId: string, on: boolean): Promise<void>;
  /** Notes where the person came from whom this host has banned. Nothing unless the host wants it. */
  note(hostId: string, personId: string, mark: string): Promise<void>;
  /** Marks behind bans that count in a room, with when the first ban of each was spoken, Unix ms. For hosts who keep new guests out. */
  standing(hostId: string, roomId: string): Promise<ReadonlyMap<string, number>>;
};

/** A network belongs to others by tomorrow. */
const markHours = 24;
/** The newest count, should there be more. */
const marksMax = 1_000;

const isOn = `SELECT keep_out_new_guests AS "isOn" FROM moderation_settings WHERE host_id = $1`;
const set = `
  INSERT INTO moderation_settings (host_id, keep_out_new_guests) VALUES ($1, $2)
  ON CONFLICT (host_id) DO UPDATE SET keep_out_new_guests = EXCLUDED.keep_out_new_guests`;
const banStands = `s.kind = 'ban' AND s.lifted_at IS NULL AND (s.until IS NULL OR s.until > now())`;
const note = `
  INSERT INTO ban_networks (sanction_id, mark, until)
  SELECT s.sanction_id, $3, now() + interval '${markHours} hours'
  FROM sanctions s JOIN moderation_settings m USING (host_id)
  WHERE s.host_id = $1 AND s.person_id = $2 AND m.keep_out_new_guests AND ${banStands}
  ON CONFLICT DO NOTHING`;
const standing = `
  SELECT n.mark, (extract(epoch FROM min(s.at)) * 1000)::bigint AS "bannedAtMs"
  FROM ban_networks n JOIN sanctions s USING (sanction_id)
  WHERE s.host_id = $1 AND (s.room_id IS NULL OR s.room_id = $2) AND n.until > now() AND ${banStands}
  GROUP BY n.mark ORDER BY max(s.at) DESC LIMIT ${marksMax}`;

export function createBanNetworks(db: Queryable): BanNetworks {
  return {
    isOn: async (hostId) => (await db.query<{ isOn: boolean }>(isOn, [hostId])).rows[0]?.isOn ?? false,
    async set(hostId, on) {
      await db.query(set, [hostId, on]);
    },
    async note(hostId, personId, mark) {
      await db.query(note, [hostId, personId, mark]);
    },
    async standing(hostId, roomId) {
      const { rows } = await db.query<{ mark: string; bannedAtMs: number }>(standing, [hostId, roomId]);
      return new Map(rows.map(({ mark, bannedAtMs }) => [mark, bannedAtMs]));
    },
  };
}
