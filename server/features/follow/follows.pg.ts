import { AppError } from '../../../shared/errors.ts';
import { violates, type Queryable } from '../../platform/postgres.ts';
import type { Followers } from './follows.ts';

export type FollowedHost = {
  hostId: string;
  name: string;
  sinceMs: number;
  liveRoomId: string | null;
  /** Whether the follower is told of their shows. */
  reminders: boolean;
};

export type FollowStore = Followers & {
  /** Of these people, those who follow the host, and for how long, ms. */
  ages(hostId: string, personIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Returns since when, Unix ms; a second time answers with the first. @throws AppError NOT_FOUND without such a host. */
  add(hostId: string, personId: string): Promise<number>;
  remove(hostId: string, personId: string): Promise<boolean>;
  count(hostId: string): Promise<number>;
  of(personId: string, rows: number, skip: number): Promise<FollowedHost[]>;
};

const sinceMs = (table: string): string => `(extract(epoch FROM ${table}.since) * 1000)::bigint AS "sinceMs"`;

const insert = `
  INSERT INTO follows (host_id, person_id) VALUES ($1, $2)
  ON CONFLICT (host_id, person_id) DO UPDATE SET since = follows.since RETURNING ${sinceMs('follows')}`;
const among = `SELECT person_id AS "personId", ${sinceMs('follows')} FROM follows WHERE host_id = $1 AND person_id = ANY ($2)`;
const ages = `
  SELECT person_id AS "personId", (extract(epoch FROM now() - since) * 1000)::bigint AS "ageMs"
  FROM follows WHERE host_id = $1 AND person_id = ANY ($2)`;
const followed = `
  SELECT f.host_id AS "hostId", p.display_name AS name, ${sinceMs('f')}, live.room_id AS "liveRoomId", f.reminders
  FROM follows f
  JOIN people p ON p.person_id = f.host_id
  LEFT JOIN LATERAL (
    SELECT room_id FROM rooms r
    WHERE r.host_id = f.host_id AND r.kind = 'show' AND r.state IN ('live', 'paused') AND NOT r.rehearsal LIMIT 1
  ) live ON true
  WHERE f.person_id = $1 ORDER BY f.since DESC LIMIT $2 OFFSET $3`;

export function createFollowStore(db: Queryable): FollowStore {
  return {
    async among(hostId, personIds) {
      const { rows } = await db.query<{ personId: string; sinceMs: number }>(among, [hostId, personIds]);
      return new Map(rows.map(({ personId, sinceMs }) => [personId, sinceMs]));
    },
    async ages(hostId, personIds) {
      const { rows } = await db.query<{ personId: string; ageMs: number }>(ages, [hostId, personIds]);
      return new Map(rows.map(({ personId, ageMs }) => [personId, ageMs]));
    },
    async add(hostId, personId) {
      const { rows } = await db.query<{ sinceMs: number }>(insert, [hostId, personId]).catch((error: unknown) => {
        throw violates(error, 'follows_host_id_fkey') ? new AppError('NOT_FOUND', 'There is no such host.') : error;
      });
      return rows[0]!.sinceMs;
    },
    async remove(hostId, personId) {
      const statement = 'DELETE FROM follows WHERE host_id = $1 AND person_id = $2';
      return (await db.query(statement, [hostId, personId])).rowCount === 1;
    },
    async count(hostId) {
      const statement = 'SELECT count(*) AS followers FROM follows WHERE host_id = $1';
      return (await db.query<{ followers: number }>(statement, [hostId])).rows[0]!.followers;
    },
    async of(personId, rows, skip) {
      return (await db.query<FollowedHost>(followed, [personId, rows, skip])).rows;
    },
  };
}
