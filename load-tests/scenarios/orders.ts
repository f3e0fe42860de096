import type { Load, Sample, Scenario } from '../harness/scenario.ts';
import { closedCrowd, crowdOf, scheduledCrowd } from './sale/crowd.ts';
import { batchInsertSide, engineSide, hotRowSide, hotRowTransactionSide, unitsPlenty } from './sale/engine-sides.ts';
import type { SellingEngine } from './sale/selling-engine.ts';

/** Durable orders of one offer: what a second is worth, beside the textbook's hot row and beside inserting alone. */
export const scenario: Scenario = {
  summary: 'durable orders of one offer, beside the one-transaction hot row and beside batch inserts',
  async run(load) {
    await load.compare({
      name: 'durable orders of one offer',
      unit: 'orders per second',
      baseline: hotRowSide(load),
      sides: [orders(load), hotRowTransactionSide(load)],
      targets: [
        { side: 'ours', min: 40 },
        { side: 'ours', of: 'walSyncsPer50Orders', max: 1 },
        { side: 'ours', of: 'p99AtHalfLoadMs', max: 25 },
      ],
    });
    await load.compare({
      name: 'beside inserting alone',
      unit: 'orders per second',
      baseline: batchInsertSide(load, batchSize),
      sides: [orders(load)],
      targets: [{ side: 'ours', min: 0.8 }],
    });
  },
};

/** Orders of one commit at saturation, about. */
const batchSize = 300;
const walSyncs = `SELECT sum(fsyncs)::int AS syncs FROM pg_stat_io WHERE object = 'wal'`;

const orders = (load: Load) =>
  engineSide(
    load,
    'ours',
    'the engine of a gateway, called in process by 2,000 buyers at once, then on schedule at half that rate',
    (engine) => measure(load, engine),
  );

async function measure(load: Load, engine: SellingEngine): Promise<Sample> {
  // Some three seconds: of less, the beginning and the end are a part that counts.
  const count = load.scale({ smoke: 500, full: 100_000 });
  const offer = await engine.openOffer(unitsPlenty);
  const before = await syncsOf(engine);
  const crowd = await closedCrowd(engine, crowdOf(offer, count), load.scale({ smoke: 100, full: 2_000 }));
  const syncs = (await syncsOf(engine)) - before;
  const held = crowd.outcomes['held'] ?? 0;
  const ordersPerSecond = (held / crowd.elapsedMs) * 1_000;
  const half = await scheduledCrowd(engine, offer, ordersPerSecond / 2, load.scale({ smoke: 0.2, full: 2 }));
  const told = held + (half.outcomes['held'] ?? 0);
  const { rows } = await engine.db.query<{ orders: number; held: number }>(
    `SELECT (SELECT count(*)::int FROM order_lines WHERE offer_id = $1) AS orders, held_units AS held FROM offers WHERE offer_id = $1`,
    [offer.offerId],
  );
  load.check(
    'every order that was told is in the ledger, and no other',
    rows[0]!.orders === told && rows[0]!.held === told,
  );
  load.check('nobody was turned away', held === count, JSON.stringify(crowd.outcomes));
  return {
    value: ordersPerSecond,
    figures: {
      walSyncsPer50Orders: (syncs / Math.max(held, 1)) * 50,
      p99AtSaturationMs: crowd.latency.p99Ms,
      p50AtHalfLoadMs: half.latency.p50Ms,
      p99AtHalfLoadMs: half.latency.p99Ms,
    },
  };
}

async function syncsOf(engine: SellingEngine): Promise<number> {
  return (await engine.db.query<{ syncs: number }>(walSyncs)).rows[0]!.syncs;
}
