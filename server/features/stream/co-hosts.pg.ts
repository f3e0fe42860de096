import { mediaLimits } from '../../../shared/protocol/media.ts';
import { inTransaction, type Db } from '../../platform/postgres.ts';

/** Who may publish in a room besides its host. */
export type CoHosts = {
  /** False when as many as possible are invited or publish already. Inviting twice is inviting once. */
  invite(roomId: string, personId: string): Promise<boolean>;
  /** False when the person was not invited. */
  accept(roomId: string, personId: string): Promise<boolean>;
  remove(roomId: string, personId: string): Promise<void>;
  has(roomId: string, personId: string): Promise<boolean>;
  /** Those who have not answered yet. */
  invited(roomId: string): Promise<string[]>;
};

const lockRoom = `SELECT pg_advisory_xact_lock(hashtextextended('co-hosts ' || $1, 0))`;
const invite = `
  INSERT INTO co_hosts (room_id, person_id)
  SELECT $1, $2
  WHERE (SELECT count(*) FROM co_hosts WHERE room_id = $1 AND person_id <> $2) < ${mediaLimits.publishersMax - 1}
  ON CONFLICT (room_id, person_id) DO UPDATE SET invited_at = co_hosts.invited_at`;
const accept = `
  UPDATE co_hosts SET accepted_at = coalesce(accepted_at, now()) WHERE room_id = $1 AND person_id = $2`;
const remove = `DELETE FROM co_hosts WHERE room_id = $1 AND person_id = $2`;
const has = `SELECT 1 FROM co_hosts WHERE room_id = $1 AND person_id = $2 AND accepted_at IS NOT NULL`;
const invited = `SELECT person_id AS "personId" FROM co_hosts WHERE room_id = $1 AND accepted_at IS NULL ORDER BY invited_at`;

export function createCoHosts(db: Db): CoHosts {
  const changes = async (sql: string, values: unknown[]): Promise<boolean> =>
    ((await db.query(sql, values)).rowCount ?? 0) > 0;
  return {
    // A statement sees what was there when it began, so the lock has to be one before it.
    invite: (roomId, personId) =>
      inTransaction(db, async (client) => {
        await client.query(lockRoom, [roomId]);
        return ((await client.query(invite, [roomId, personId])).rowCount ?? 0) > 0;
      }),
    accept: (roomId, personId) => changes(accept, [roomId, personId]),
    async remove(roomId, personId) {
      await db.query(remove, [roomId, personId]);
    },
    has: (roomId, personId) => changes(has, [roomId, personId]),
    invited: async (roomId) =>
      (await db.query<{ personId: string }>(invited, [roomId])).rows.map(({ personId }) => personId),
  };
}
