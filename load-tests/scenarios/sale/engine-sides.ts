import { spawnSync } from 'node:child_process';
import { migrate } from '../../../server/platform/migrate.ts';
import { createLog } from '../../../server/platform/log.ts';
import { cores } from '../../harness/cores.ts';
import { diskAtRest } from '../../harness/disk-at-rest.ts';
import type { Load, Sample, Side } from '../../harness/scenario.ts';
import { startSellingEngine, type SellingEngine } from './selling-engine.ts';
import { batchInserts, hotRowOrders, hotRowTransactions, type Rate } from './peers.ts';

/** More than any run sells. */
export const unitsPlenty = 1_000_000;

/** The engine in this process, on the server's core; databases stay on the other one. */
export async function openEngine(load: Load): Promise<SellingEngine> {
  const stores = await load.stores();
  await migrate(stores.databaseUrl, createLog('error'));
  if (cores) spawnSync('taskset', ['-acp', cores.server, `${process.pid}`], { stdio: 'ignore' });
  return startSellingEngine(stores, ['gateway']);
}

/**
 * A side that measures by an engine of its own, on a disk that is at rest: what the side before it wrote is written back before the clock runs.
 * Otherwise every sync of who comes after 30,000 orders a second is slower than of who comes after 500.
 */
export const engineSide = (
  load: Load,
  name: string,
  setUp: string,
  measure: (engine: SellingEngine) => Promise<Sample>,
): Side => ({
  name,
  setUp,
  async open() {
    const engine = await openEngine(load);
    const measureAtRest = async (): Promise<Sample> => {
      if (load.profile === 'full') await writeBack(engine);
      return measure(engine);
    };
    return { measure: measureAtRest, close: engine.close };
  },
});

async function writeBack({ db }: SellingEngine): Promise<void> {
  await db.query('CHECKPOINT');
  spawnSync('sync');
  await diskAtRest();
}

const perSecond = ({ orders, elapsedMs }: Rate): number => (orders / elapsedMs) * 1_000;

/** Orders a second of the one-transaction hot row. */
export const hotRowSide = (load: Load): Side =>
  engineSide(
    load,
    'hot row',
    'one statement per order (UPDATE the row if units are left, INSERT order and line), prepared, autocommit, 10 connections, same tables and indexes',
    async (engine) => {
      const ms = load.scale({ smoke: 200, full: 2_000 });
      return { value: perSecond(await hotRowOrders(engine, await engine.openOffer(unitsPlenty), ms)) };
    },
  );

/** The same in a transaction of five statements. */
export const hotRowTransactionSide = (load: Load): Side =>
  engineSide(
    load,
    'hot row in a transaction',
    'as it is usually written: BEGIN, UPDATE the row if units are left, INSERT order, INSERT line, COMMIT; prepared, 10 connections, same tables and indexes',
    async (engine) => {
      const ms = load.scale({ smoke: 200, full: 2_000 });
      return { value: perSecond(await hotRowTransactions(engine, await engine.openOffer(unitsPlenty), ms)) };
    },
  );

/** Orders a second of inserting alone. */
export const batchInsertSide = (load: Load, batchSize: number): Side =>
  engineSide(
    load,
    `inserts of ${batchSize}`,
    `one connection inserts orders and lines ${batchSize} at a time into the same tables; nothing is locked, counted or checked`,
    async (engine) => {
      const ms = load.scale({ smoke: 200, full: 2_000 });
      return { value: perSecond(await batchInserts(engine.db, await engine.openOffer(unitsPlenty), batchSize, ms)) };
    },
  );
