import { createHash, hash } from 'node:crypto';

import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { packedEntryBytes } from '../shared/raffle/entry.ts';
import type { Bytes } from '../shared/raffle/bytes.ts';
import { pageEntries, rankPages, rootOfPages } from '../server/features/giveaway/draw.ts';
import { createDrawThreads } from '../server/features/giveaway/draw-threads.ts';

// Measures a draw as the server runs it: root and ranking on the draw threads, the event loop watched meanwhile.
//   node_modules/.bin/node load-tests/raffle-draw.ts [ENTRIES] [WINNERS] [ROUNDS]

const [entryCount = 100_000, winnerCount = 1_000, rounds = 5] = process.argv.slice(2).map(Number);

const threads = createDrawThreads();
const delay = monitorEventLoopDelay({ resolution: 1 });
const seed = digestOf('seed');
await rootOfPages(threads, pagesOf(entries(20 * pageEntries))); // Starts the threads: a server that draws has them running.

const totals: number[] = [];
for (let round = 1; round <= rounds; round++) {
  const list = entries(entryCount);
  const floorMs = millisecondsOf(() => void hash('sha256', list));
  delay.reset();
  delay.enable();
  const startMs = performance.now();
  const { root } = await rootOfPages(threads, pagesOf(list));
  const rootMs = performance.now() - startMs;
  const placed = await rankPages(threads, seed, root, pagesOf(list), winnerCount);
  const totalMs = performance.now() - startMs;
  delay.disable();
  totals.push(totalMs);
  const winners = hash('sha256', placed.map(({ score }) => score).join()).slice(0, 16);
  console.log(
    `round ${round}: ${entryCount} entries, ${placed.length} winners: root ${rootMs.toFixed(0)} ms, ranking ${(totalMs - rootMs).toFixed(0)} ms, ` +
      `total ${totalMs.toFixed(0)} ms; one pass of SHA-256 over the entries ${floorMs.toFixed(1)} ms; ` +
      `event-loop delay p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms; winners ${winners}`,
  );
}
console.log(`median ${totals.sort((a, b) => a - b)[Math.floor(rounds / 2)]!.toFixed(0)} ms`);
await threads.close();

/** Entries that are the same in every run, so that the printed winners are too. */
function entries(count: number): Bytes {
  const packed = new Uint8Array(count * packedEntryBytes);
  const words = new Uint32Array(packed.buffer);
  for (let i = 0, word = 1; i < words.length; i++) words[i] = word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
  return packed;
}

/** Copies, as they come from the database: a page is handed over to its thread. */
function* pagesOf(list: Bytes): Generator<Bytes> {
  const pageBytes = pageEntries * packedEntryBytes;
  for (let start = 0; start < list.length; start += pageBytes) yield list.slice(start, start + pageBytes);
}

function digestOf(text: string): Bytes {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

function millisecondsOf(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}
