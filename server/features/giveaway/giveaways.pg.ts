import { AppError } from '../../../shared/errors.ts';
import type { BeaconRound } from '../../../shared/raffle/beacon.ts';
import { bytesOfHex, hexOf, type Bytes } from '../../../shared/raffle/bytes.ts';
import type { Rules } from '../../../shared/raffle/rules.ts';
import { isThere } from '../../platform/due-work.ts';
import { inTransaction, type Db, type DbClient, type Queryable } from '../../platform/postgres.ts';
import type { ClosingGiveaway, GiveawayRow, GiveawayStore } from './giveaways.ts';

const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;
const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;

const columns = `giveaway_id AS "giveawayId", room_id AS "roomId", host_id AS "hostId", state, rules, rules_hash AS "rulesHash",
  seed, signing_key AS "signingKey", salt_key AS "saltKey", entry_count AS "entryCount", root, ${ms('frozen_at')} AS "frozenAtMs",
  frozen_signature AS "signature", beacon, revealed, cancel_reason AS "cancelReason", told, ${ms('published_at')} AS "publishedAtMs"`;

const lockRoom = `SELECT FROM rooms WHERE room_id = $1 FOR UPDATE`;
const findByKey = `SELECT ${columns}, request_hash AS "requestHash" FROM giveaways WHERE room_id = $1 AND request_key = $2`;
const countOpen = `
  SELECT count(*)::int AS open FROM giveaways WHERE room_id = $1 AND state IN ('published', 'closing', 'frozen')`;
const insert = `
  INSERT INTO giveaways (giveaway_id, room_id, host_id, rules, rules_hash, seed, signing_key, salt_key, opens_at, closes_at,
    request_key, request_hash, published_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ${at('$9')}, ${at('$10')}, $11, $12, ${at('$13')}) RETURNING ${columns}`;
const find = `SELECT ${columns} FROM giveaways WHERE giveaway_id = $1`;
const ofRoom = `SELECT ${columns} FROM giveaways WHERE room_id = $1
  ORDER BY ended_at IS NOT NULL, published_at DESC, giveaway_id LIMIT $2`;
const openIn = `SELECT ${columns} FROM giveaways WHERE room_id = ANY ($1) AND state = 'published'`;

/** Every part has a partial index: what is over costs nothing. */
const due = `
  SELECT giveaway_id AS "giveawayId" FROM (
    SELECT giveaway_id, next_step_at, closes_at FROM giveaways
    WHERE state IN ('published', 'closing', 'frozen') AND (state <> 'published' OR closes_at <= ${at('$1')})
    UNION
    SELECT giveaway_id, next_step_at, closes_at FROM giveaways WHERE NOT told @> ARRAY[state]
    UNION
    SELECT giveaway_id, next_step_at, closes_at FROM giveaways WHERE state = 'drawn' AND NOT told @> ARRAY['settled']
  ) AS due WHERE next_step_at <= ${at('$1')} ORDER BY next_step_at, closes_at LIMIT $2`;
/** A giveaway that is not over yet, or whose end is not told or not settled. When its next step is due, the clock of the process says. */
export const someGiveawayGoesOn = `
  (${isThere(`SELECT 1 FROM giveaways WHERE state IN ('published', 'closing', 'frozen') ORDER BY closes_at`)}
    OR ${isThere('SELECT 1 FROM giveaways WHERE NOT told @> ARRAY[state] ORDER BY giveaway_id')}
    OR ${isThere(`SELECT 1 FROM giveaways WHERE state = 'drawn' AND NOT told @> ARRAY['settled'] ORDER BY next_step_at`)})`;
const wait = `UPDATE giveaways SET next_step_at = ${at('$2')} WHERE giveaway_id = $1`;
const closing = `
  SELECT giveaway_id AS "giveawayId", entry_count AS "entryCount" FROM giveaways
  WHERE state = 'published' AND closes_at <= ${at('$1')} ORDER BY closes_at LIMIT $2`;
const cancel = `
  UPDATE giveaways SET state = 'cancelled', cancel_reason = $2, ended_at = ${at('$3')}
  WHERE giveaway_id = $1 AND state = 'published' AND closes_at > ${at('$3')}`;
const close = `
  UPDATE giveaways SET state = 'closing' WHERE giveaway_id = $1 AND state = 'published' AND closes_at <= ${at('$2')}`;
const freeze = `
  UPDATE giveaways SET state = 'frozen', root = $2, frozen_at = ${at('$3')}, frozen_signature = $4
  WHERE giveaway_id = $1 AND state = 'closing' AND entry_count = $5`;
const present = `SELECT present FROM giveaways WHERE giveaway_id = $1`;
const notePresent = `UPDATE giveaways SET present = $2 WHERE giveaway_id = $1 AND state = 'frozen' AND present IS NULL`;
const setBeacon = `UPDATE giveaways SET beacon = $2 WHERE giveaway_id = $1 AND state = 'frozen' AND beacon IS NULL`;
const makeVoid = `
  UPDATE giveaways SET state = 'void', ended_at = ${at('$2')} WHERE giveaway_id = $1 AND state = 'frozen'`;
const markTold = `
  UPDATE giveaways SET told = array_append(told, $2) WHERE giveaway_id = $1 AND NOT told @> ARRAY[$2]`;

type Raw = Omit<GiveawayRow, 'rulesHash' | 'frozen' | 'seed' | 'signingKey' | 'saltKey'> & {
  rulesHash: Buffer;
  seed: Buffer;
  signingKey: Buffer;
  saltKey: Buffer;
  root: Buffer | null;
  frozenAtMs: number | null;
  signature: Buffer | null;
  rules: Rules;
  beacon: BeaconRound | null;
};

export function createGiveawayStore(db: Db): GiveawayStore {
  return {
    add: (...asked) => inTransaction(db, (client) => add(client, ...asked)),
    published: (...asked) => published(db, ...asked),
    async find(giveawayId) {
      const row = (await db.query<Raw>(find, [giveawayId])).rows[0];
      return row ? rowOf(row) : null;
    },
    async openIn(roomIds) {
      return (await db.query<Raw>(openIn, [roomIds])).rows.map(rowOf);
    },
    async ofRoom(roomId, max) {
      return (await db.query<Raw>(ofRoom, [roomId, max])).rows.map(rowOf);
    },
    async due(nowMs, max) {
      return (await db.query<{ giveawayId: string }>(due, [nowMs, max])).rows.map(({ giveawayId }) => giveawayId);
    },
    async closing(byMs, max) {
      return (await db.query<ClosingGiveaway>(closing, [byMs, max])).rows;
    },
    async cancel(giveawayId, reason, nowMs) {
      return (await db.query(cancel, [giveawayId, reason, nowMs])).rowCount === 1;
    },
    async close(giveawayId, nowMs) {
      await db.query(close, [giveawayId, nowMs]);
    },
    async freeze(giveawayId, { root, frozenAtMs, signature, entryCount }) {
      await db.query(freeze, [giveawayId, bytesOfHex(root), frozenAtMs, bytesOfHex(signature), entryCount]);
    },
    async present(giveawayId) {
      return (await db.query<{ present: Buffer | null }>(present, [giveawayId])).rows[0]?.present ?? null;
    },
    async notePresent(giveawayId, asked) {
      await db.query(notePresent, [giveawayId, Buffer.from(asked)]);
    },
    async setBeacon(giveawayId, beacon) {
      await db.query(setBeacon, [giveawayId, beacon]);
    },
    async wait(giveawayId, untilMs) {
      await db.query(wait, [giveawayId, untilMs]);
    },
    async void(giveawayId, nowMs) {
      await db.query(makeVoid, [giveawayId, nowMs]);
    },
    async markTold(giveawayId, step) {
      await db.query(markTold, [giveawayId, step]);
    },
  };
}

/** Under the lock of the room's row, so that the number of open giveaways holds and a key sent twice publishes once. */
async function add(
  client: DbClient,
  ...[giveaway, openMax, nowMs, check]: Parameters<GiveawayStore['add']>
): Promise<GiveawayRow | null> {
  const { giveawayId, roomId, hostId, rules, rulesHash, seed, signingKey, saltKey, requestKey } = giveaway;
  await client.query(lockRoom, [roomId]);
  const known = await published(client, roomId, requestKey, giveaway.requestHash);
  if (known) return known;
  const { rows } = await client.query<{ open: number }>(countOpen, [roomId]);
  if (rows[0]!.open >= openMax) return null;
  await check(client);
  const secrets = [seed, signingKey, saltKey];
  const times = [rules.opensAtMs, rules.closesAtMs];
  const values = [giveawayId, roomId, hostId, rules, bytesOfHex(rulesHash), ...secrets, ...times];
  values.push(requestKey, Buffer.from(giveaway.requestHash), nowMs);
  return rowOf((await client.query<Raw>(insert, values)).rows[0]!);
}

async function published(
  db: Queryable,
  roomId: string,
  requestKey: string,
  asked: Uint8Array,
): Promise<GiveawayRow | null> {
  const found = (await db.query<Raw & { requestHash: Buffer | null }>(findByKey, [roomId, requestKey])).rows[0];
  if (!found) return null;
  const { requestHash, ...row } = found;
  if (!requestHash?.equals(asked)) throw new AppError('KEY_REUSED');
  return rowOf(row);
}

function rowOf({ rulesHash, seed, signingKey, saltKey, root, frozenAtMs, signature, ...row }: Raw): GiveawayRow {
  const isFrozen = root !== null && frozenAtMs !== null && signature !== null;
  return {
    ...row,
    rulesHash: hexOf(rulesHash),
    seed: copyOf(seed),
    signingKey: copyOf(signingKey),
    saltKey: copyOf(saltKey),
    frozen: isFrozen
      ? { entryCount: row.entryCount, root: hexOf(root), frozenAtMs, signature: hexOf(signature) }
      : null,
  };
}

/** Bytes of their own: a Buffer from the driver is a view into a larger one. */
const copyOf = (buffer: Buffer): Bytes => new Uint8Array(buffer);
