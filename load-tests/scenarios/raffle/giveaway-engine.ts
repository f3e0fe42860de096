import { Redis } from 'ioredis';
import { createAdvance } from '../../../server/features/giveaway/advance.ts';
import { createAwardStore } from '../../../server/features/giveaway/awards.pg.ts';
import { createDrawThreads } from '../../../server/features/giveaway/draw-threads.ts';
import { createEnter } from '../../../server/features/giveaway/enter.ts';
import { createEntryStore } from '../../../server/features/giveaway/entries.pg.ts';
import { createGiveawayStore } from '../../../server/features/giveaway/giveaways.pg.ts';
import type { GiveawayRow } from '../../../server/features/giveaway/giveaways.ts';
import { createLists } from '../../../server/features/giveaway/lists.ts';
import { createProofs } from '../../../server/features/giveaway/proof.ts';
import { createPublish } from '../../../server/features/giveaway/publish.ts';
import { newSecrets } from '../../../server/features/giveaway/receipts.ts';
import type { RoomView } from '../../../server/features/room/rooms.ts';
import { createWatchTime } from '../../../server/features/giveaway/watch-time.redis.ts';
import { createRightUses } from '../../../server/features/sale/right-uses.pg.ts';
import { createLog } from '../../../server/platform/log.ts';
import { migrate } from '../../../server/platform/migrate.ts';
import { createPostgres } from '../../../server/platform/postgres.ts';
import { requestHash } from '../../../server/platform/request-hash.ts';
import { newId } from '../../../shared/ids.ts';
import type { Task } from '../../../shared/raffle/rules.ts';
import { unpinThisProcess } from '../../harness/cores.ts';
import type { Load } from '../../harness/scenario.ts';

const insertHost = `
  WITH host AS (
    INSERT INTO people (person_id, kind, display_name, email) VALUES ($1::uuid, 'account', 'Hana', $1::uuid || '@example.test')
  ) INSERT INTO rooms (room_id, host_id, title, state, started_at) VALUES ($2, $1::uuid, 'Lamps', 'live', now())`;
const openEntry = `UPDATE giveaways SET told = '{published}' WHERE giveaway_id = $1`;
const insertCrowd = `
  WITH crowd AS (
    INSERT INTO people (person_id, kind, display_name) SELECT gen_random_uuid(), 'guest', 'Fan'
    FROM generate_series(1, $3::int) RETURNING person_id
  ), entered AS (
    INSERT INTO giveaway_entries (giveaway_id, entry_number, entry_id, person_id, entrant, nonce, entered_at)
    SELECT $1, $2 + row_number() OVER () - 1, gen_random_uuid(), person_id, sha256(uuid_send(person_id)),
      substring(sha256(uuid_send(person_id)) FOR 16), now() FROM crowd
  ) UPDATE giveaways SET entry_count = $2 + $3 WHERE giveaway_id = $1`;
/** Entrants made by one statement: a pool gives each a few seconds. */
const filledAtOnce = 10_000;

export type GiveawayEngine = Awaited<ReturnType<typeof startGiveawayEngine>>;

/** Giveaways as a worker has them, in this process, without a server around them and without a room log to tell. */
export async function startGiveawayEngine(load: Load) {
  const { databaseUrl, redisUrl } = await load.stores();
  const log = createLog('warn');
  await migrate(databaseUrl, log);
  // A worker has the machine, not one core of it: its draw threads are what is measured.
  unpinThisProcess();
  const db = createPostgres({ url: databaseUrl, log, connectionsMax: 10 });
  const threads = createDrawThreads();
  const [store, entries] = [createGiveawayStore(db), createEntryStore(db)];
  const awards = createAwardStore(db, createRightUses());
  const host = { personId: newId(), roomId: newId() };
  await db.query(insertHost, [host.personId, host.roomId]);
  let offsetMs = 0;
  const nowMs = (): number => Date.now() + offsetMs;
  const room = { roomId: host.roomId, hostId: host.personId, hostName: 'Hana', state: 'live' } as RoomView;
  const offers = { lock: async () => null };
  const promises = { unitsOf: async () => 0 };
  const redis = new Redis(redisUrl);
  const watchTime = createWatchTime(redis, nowMs);
  const publish = createPublish({
    store,
    offers,
    promises,
    hasClub: async () => true,
    newSecrets,
    hash: requestHash,
    nowMs,
  });
  const lists = createLists({ entries, threads });
  const { advance } = createAdvance({
    store,
    entries,
    lists,
    awards,
    threads,
    watchTime,
    putOuts: { since: async () => [] },
    funnel: { of: async () => ({ viewers: 0, entrants: 0, joined: 0, buyers: 0 }) },
    log: {
      append: async () => ({ epoch: '', offset: 1, atMs: 0, duplicate: false }),
      setAggregate: () => undefined,
    },
    askBeacon: async () => null,
    payPoints: async () => true,
    tellWinners: async () => undefined,
    nowMs,
  });

  return {
    db,
    advance,
    proofs: createProofs({ store, entries, awards, threads }),
    enter: createEnter({ entries, facts: { of: async () => [] }, onCount: () => undefined, nowMs }),
    /** A turn of the worker seconds before giveaways close. */
    async readAhead(): Promise<void> {
      await lists.readAhead(await store.closing(nowMs() + 20_000, 4));
    },
    /** A giveaway that is open for a minute. */
    async publish(prizeCount: number, tasks: Task[] = []): Promise<GiveawayRow> {
      const row = await publish(room, {
        kind: 'lucky-bag',
        title: 'Lamps',
        regionNote: '',
        prize: { prize: 'goods', what: 'A lamp', valueMinor: 1_000, currency: 'EUR' },
        prizeCount,
        tasks,
        closesAtMs: nowMs() + 60_000,
        claimMs: 3_600_000,
        beacon: null,
        ifUnrevealed: 'void',
        requestKey: newId(),
      });
      await db.query(openEntry, [row.giveawayId]);
      return row;
    },
    /** Entries in bulk, past the entry path. */
    async fill({ giveawayId }: GiveawayRow, count: number): Promise<void> {
      for (let first = 0; first < count; first += filledAtOnce)
        await db.query(insertCrowd, [giveawayId, first, Math.min(filledAtOnce, count - first)]);
      await db.query('ANALYZE giveaway_entries');
    },
    /** Everybody in the list is in the room now, as gateways report it. */
    async see({ giveawayId, roomId }: GiveawayRow, count: number): Promise<void> {
      for (let first = 0; first < count; first += filledAtOnce) {
        const people = await entries.people(giveawayId, first, filledAtOnce);
        await watchTime.credit(
          roomId,
          people.map(({ personId }) => personId),
          true,
        );
      }
    },
    cancel: ({ giveawayId }: GiveawayRow) => store.cancel(giveawayId, 'measured', nowMs()),
    /** Moves the clock ahead. */
    pass: (ms: number): void => void (offsetMs += ms),
    async close(): Promise<void> {
      await threads.close();
      redis.disconnect();
      await db.end();
    },
  };
}
