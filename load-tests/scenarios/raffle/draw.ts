import { hash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { concatBytes } from '../../../shared/raffle/bytes.ts';
import type { Entry } from '../../../shared/raffle/entry.ts';
import { unpackEntry, packedEntryBytes } from '../../../shared/raffle/packed-entry.ts';
import { nodeHashMany } from '../../../shared/raffle/hash-many.node.ts';
import type { GiveawayRow } from '../../../server/features/giveaway/giveaways.ts';
import type { Task } from '../../../shared/raffle/rules.ts';
import { verifyDraw } from '../../../shared/raffle/verify-draw.ts';
import { createEntryStore } from '../../../server/features/giveaway/entries.pg.ts';
import type { Load, Sample, Side } from '../../harness/scenario.ts';
import { engineSide } from './flash-crowd.ts';
import type { GiveawayEngine } from './giveaway-engine.ts';

/** A leaf, a node and the two halves of an HMAC for each entry; every message has two blocks. */
const hashesPerEntry = 4;
const messageBytes = 96;
/** What gateways do, ms. */
const reportedEveryMs = 5_000;

/** The floor: as many hashes as a draw needs, on one thread, and nothing else. */
export const hashingSide = (_load: Load, entryCount: number): Side => ({
  name: 'hashing alone',
  setUp: `${hashesPerEntry} SHA-256 of ${messageBytes} bytes for each entry, one after another on one thread, by crypto.hash`,
  async open() {
    const message = Buffer.alloc(messageBytes);
    return {
      async measure() {
        const startedMs = performance.now();
        for (let i = 0; i < hashesPerEntry * entryCount; i++) {
          message.writeUInt32BE(i);
          hash('sha256', message, 'binary');
        }
        return { value: performance.now() - startedMs };
      },
      close: async () => undefined,
    };
  },
});

/** From the close to the winners: list read from PostgreSQL, root, ranking, places and awards written. */
export const drawSide = (load: Load, entryCount: number, winnerCount: number): Side =>
  engineSide(load, 'draw', `${oneRun}; no tasks`, (engine) => measure(load, engine, entryCount, winnerCount, []));

/** The same where everybody must be there and is: who was is read from Redis and noted before the draw. */
export const presentSide = (load: Load, entryCount: number, winnerCount: number): Side =>
  engineSide(load, 'draw of those who are there', `${oneRun}; with the task present-at-draw`, (engine) =>
    measure(load, engine, entryCount, winnerCount, [{ task: 'present-at-draw' }]),
  );

const oneRun =
  'one run of the worker over a giveaway that is due, and whose full pages it has read in its turns seconds before, as it always does, on a machine of its own: close, freeze, sign, rank, write places and awards; without room log and funnel, which come before and after, and without a beacon, whose signature a thread checks';

/** Entries that a worker reads ahead in one turn. */
const entriesOfTurn = 131_072;

async function measure(
  load: Load,
  engine: GiveawayEngine,
  entryCount: number,
  winnerCount: number,
  tasks: Task[],
): Promise<Sample> {
  const giveaway = await engine.publish(winnerCount, tasks);
  await engine.fill(giveaway, entryCount);
  const asksForPresence = tasks.length > 0;
  await pass(engine, giveaway, 50_000, asksForPresence);
  if (asksForPresence) await engine.see(giveaway, entryCount);
  for (let turn = 0; turn * entriesOfTurn < entryCount; turn++) await engine.readAhead();
  await pass(engine, giveaway, 10_000, asksForPresence);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedMs = performance.now();
  await engine.advance(giveaway.giveawayId);
  const drawMs = performance.now() - startedMs;
  delay.disable();
  await check(load, engine, giveaway.giveawayId, entryCount);
  return {
    value: drawMs,
    figures: {
      drawMs,
      eventLoopDelayP99Ms: delay.percentile(99) / 1e6,
      eventLoopDelayMaxMs: delay.max / 1e6,
    },
  };
}

/** Moves the clock ahead; a room where presence is asked is reported as steadily as gateways do. */
async function pass(engine: GiveawayEngine, giveaway: GiveawayRow, ms: number, isReported: boolean): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += reportedEveryMs) {
    if (isReported) await engine.see(giveaway, 1);
    engine.pass(reportedEveryMs);
  }
  if (isReported) await engine.see(giveaway, 1);
}

/** The result is what anybody computes from the public document and the public list. */
async function check(load: Load, { proofs, db }: GiveawayEngine, giveawayId: string, entryCount: number) {
  const document = await proofs.document(giveawayId);
  const steps = await verifyDraw(document, {
    readEntries: () => entriesOf(createEntryStore(db).pages(giveawayId)),
    hashMany: nodeHashMany,
  });
  const failed = steps.filter(({ ok }) => !ok).map(({ check: name }) => name);
  load.check(`a draw of ${entryCount} entries is right in every step`, failed.length === 0, failed.join(' '));
}

async function* entriesOf(pages: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Entry> {
  let number = 0;
  for await (const page of pages) {
    const packed = concatBytes(page);
    for (let i = 0; i * packedEntryBytes < packed.length; i++) yield { ...unpackEntry(packed, i), number: number++ };
  }
}
