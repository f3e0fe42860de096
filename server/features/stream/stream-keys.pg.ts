import { createHash, randomBytes } from 'node:crypto';
import { newId } from '../../../shared/ids.ts';
import type { SessionEnd } from '../../../shared/protocol/media.ts';
import { inTransaction, msOf, type Db } from '../../platform/postgres.ts';

export type KeyInfo = {
  keyId: string;
  createdAtMs: number;
  lastUsedAtMs: number | null;
  lastEnd: { reason: SessionEnd; atMs: number } | null;
};
export type KeyUse = { keyId: string; roomId: string };

/** Keys of rooms for WHIP encoders. A room has one that works; only its hash is kept. */
export type StreamKeys = {
  /** Makes a key; the one before stops working. The text is nowhere to be had again. */
  make(roomId: string): Promise<{ keyId: string; streamKey: string }>;
  /** True when there was a key that worked. */
  revoke(roomId: string): Promise<boolean>;
  info(roomId: string): Promise<KeyInfo | null>;
  /** Which room a key is for; null when it does not work. Notes the use. */
  use(streamKey: string): Promise<KeyUse | null>;
  /** Remembers why what was sent with a key is sent no more. */
  noteEnd(keyId: string, reason: SessionEnd): Promise<void>;
  /** It is sent again. */
  forgetEnd(keyId: string): Promise<void>;
  /** Those of the given keys that no longer work. */
  revokedAmong(keyIds: readonly string[]): Promise<string[]>;
};

const revoke = `UPDATE stream_keys SET revoked_at = now() WHERE room_id = $1 AND revoked_at IS NULL`;
const insert = `INSERT INTO stream_keys (key_id, room_id, key_hash) VALUES ($1, $2, $3)`;
const info = `
  SELECT key_id AS "keyId", ${msOf('created_at')} AS "createdAtMs",
    ${msOf('last_used_at')} AS "lastUsedAtMs",
    last_end AS "lastEnd"
  FROM stream_keys WHERE room_id = $1 AND revoked_at IS NULL`;
const use = `
  UPDATE stream_keys SET last_used_at = now() WHERE key_hash = $1 AND revoked_at IS NULL
  RETURNING key_id AS "keyId", room_id AS "roomId"`;
const noteEnd = `
  UPDATE stream_keys
  SET last_end = jsonb_build_object('reason', $2::text, 'atMs', ${msOf('now()')})
  WHERE key_id = $1`;
const forgetEnd = `UPDATE stream_keys SET last_end = NULL WHERE key_id = $1 AND last_end IS NOT NULL`;
const working = `SELECT key_id AS "keyId" FROM stream_keys WHERE key_id = ANY ($1) AND revoked_at IS NULL`;
/** Two hosts' devices that make a key at once take turns here; the second one's key is the one that works. */
const lockRoom = `SELECT pg_advisory_xact_lock(hashtextextended('stream key ' || $1, 0))`;

export function createStreamKeys(db: Db): StreamKeys {
  return {
    make(roomId) {
      const [keyId, streamKey] = [newId(), `nmk_${randomBytes(24).toString('base64url')}`];
      return inTransaction(db, async (client) => {
        await client.query(lockRoom, [roomId]);
        await client.query(revoke, [roomId]);
        await client.query(insert, [keyId, roomId, hashOf(streamKey)]);
        return { keyId, streamKey };
      });
    },
    async revoke(roomId) {
      return ((await db.query(revoke, [roomId])).rowCount ?? 0) > 0;
    },
    async info(roomId) {
      return (await db.query<KeyInfo>(info, [roomId])).rows[0] ?? null;
    },
    async use(streamKey) {
      return (await db.query<KeyUse>(use, [hashOf(streamKey)])).rows[0] ?? null;
    },
    async noteEnd(keyId, reason) {
      await db.query(noteEnd, [keyId, reason]);
    },
    async forgetEnd(keyId) {
      await db.query(forgetEnd, [keyId]);
    },
    async revokedAmong(keyIds) {
      const { rows } = await db.query<{ keyId: string }>(working, [keyIds]);
      const stillWork = new Set(rows.map(({ keyId }) => keyId));
      return keyIds.filter((keyId) => !stillWork.has(keyId));
    },
  };
}

/** Keys are random, so a plain hash is enough: there is nothing to guess. */
const hashOf = (streamKey: string): Buffer => createHash('sha256').update(streamKey).digest();
