import { Gauge } from 'prom-client';
import type { Platform } from '../../platform/platform.ts';

/** Far longer than jobs take while all is well. A provider may need some days to pay back. */
const undecided = `
  SELECT
    (SELECT count(*) FROM payments
      WHERE state = 'captured' AND settlement IS NULL AND captured_at < now() - interval '5 minutes')::int AS captured,
    (SELECT count(*) FROM refunds
      WHERE state = 'requested' AND requested_at < now() - interval '7 days')::int AS refunding`;

/**
 * Money that has waited for too long: captured and not settled, or to go back and not gone. Jobs that failed are taken up again by themselves;
 * this is how somebody notices that it does not help.
 */
export function createUndecidedMoney({ db, log, metrics }: Pick<Platform, 'db' | 'log' | 'metrics'>) {
  const figure = new Gauge({
    name: 'nightmarket_money_undecided',
    help: 'Payments captured and not settled for 5 minutes, refunds asked for and not done for 7 days; 0 is right.',
    labelNames: ['what'],
    registers: [metrics],
  });

  return {
    async look(): Promise<void> {
      const { rows } = await db.query<{ captured: number; refunding: number }>(undecided);
      const { captured, refunding } = rows[0]!;
      figure.set({ what: 'captured' }, captured);
      figure.set({ what: 'refunding' }, refunding);
      if (captured + refunding > 0) log.error({ captured, refunding }, 'money of buyers waits for a decision');
    },
  };
}
