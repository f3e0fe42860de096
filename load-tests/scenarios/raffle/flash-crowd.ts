import { randomBytes } from 'node:crypto';
import type { Entrant, Taken } from '../../../server/features/giveaway/enter.ts';
import { createReceiptSigning } from '../../../server/features/giveaway/receipt-signing.ts';
import { createBatches } from '../../../server/platform/batches.ts';
import { newId } from '../../../shared/ids.ts';
import { LatencyHistogram } from '../../harness/latency-histogram.ts';
import type { Load, Sample, Side } from '../../harness/scenario.ts';
import { startGiveawayEngine, type GiveawayEngine } from './giveaway-engine.ts';

type Crowd = { people: number; atOnce: number };

/** As the feature has it. */
const entriesPerCommitMax = 1_000;

/** Entries of people who were never there, as fast as they are taken: `atOnce` of them are on their way at any moment. */
export const crowdSide = (load: Load, { people, atOnce }: Crowd): Side =>
  engineSide(
    load,
    'entries',
    `the entry path of a gateway in process, ${atOnce} people waiting at any moment: commit, entry number and signed receipt`,
    async (engine) => {
      const giveaway = await engine.publish(10);
      const batches = createBatches<Entrant, Taken>({
        itemsMax: entriesPerCommitMax,
        waitingMax: atOnce,
        run: (_giveawayId, entrants) => engine.enter(giveaway, entrants),
      });
      const sign = createReceiptSigning();
      const latency = new LatencyHistogram();
      const numbers = new Set<number>();
      const startedMs = performance.now();
      let next = 0;
      const comeOneAfterAnother = async (): Promise<void> => {
        while (next++ < people) {
          const beganMs = performance.now();
          const taken = await batches.add(giveaway.giveawayId, { personId: newId(), nonce });
          if (taken.outcome !== 'entered') continue;
          const receipt = await sign({ ...taken, giveaway });
          latency.addMs(performance.now() - beganMs);
          numbers.add(receipt.entry.number);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, comeOneAfterAnother));
      const elapsedMs = performance.now() - startedMs;
      load.check('every entry of the crowd has a number of its own', numbers.size === people, `${numbers.size}`);
      await engine.cancel(giveaway);
      const { p50Ms, p99Ms } = latency.percentiles();
      return { value: (people / elapsedMs) * 1_000, figures: { elapsedMs, receiptP50Ms: p50Ms, receiptP99Ms: p99Ms } };
    },
  );

const nonce = randomBytes(16).toString('hex');

const insertAlone = `
  INSERT INTO giveaway_entries (giveaway_id, entry_number, entry_id, person_id, entrant, nonce, entered_at)
  SELECT $1, $2 + place - 1, entry_id, entry_id, $4, $5, now() FROM unnest($3::uuid[]) WITH ORDINALITY AS new (entry_id, place)`;

/** The floor: the same rows, as many at a time, and nothing else. */
export const insertingSide = (load: Load, people: number): Side =>
  engineSide(
    load,
    `inserts of ${entriesPerCommitMax}`,
    'one connection inserts the same rows into the same table: nothing is locked, counted, checked or signed',
    async ({ db, publish, cancel }) => {
      const giveaway = await publish(10);
      const [entrant, nonceBytes] = [randomBytes(32), randomBytes(16)];
      const startedMs = performance.now();
      for (let first = 0; first < people; first += entriesPerCommitMax) {
        const ids = Array.from({ length: Math.min(entriesPerCommitMax, people - first) }, newId);
        await db.query(insertAlone, [giveaway.giveawayId, first, ids, entrant, nonceBytes]);
      }
      const elapsedMs = performance.now() - startedMs;
      await cancel(giveaway);
      return { value: (people / elapsedMs) * 1_000 };
    },
  );

export function engineSide(
  load: Load,
  name: string,
  setUp: string,
  measure: (engine: GiveawayEngine) => Promise<Sample>,
): Side {
  return {
    name,
    setUp,
    async open() {
      const engine = await startGiveawayEngine(load);
      return { measure: () => measure(engine), close: engine.close };
    },
  };
}
