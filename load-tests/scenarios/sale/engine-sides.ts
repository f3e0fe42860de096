import { spawnSync } from 'node:child_process';
import { migrate } from '../../../server/platform/migrate.ts';
import { createLog } from '../../../server/platform/log.ts';
import { cores } from '../../harness/cores.ts';
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

/** A side that measures by an engine of its own. */
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
    return { measure: () => measure(engine), close: engine.close };
  },
});

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
