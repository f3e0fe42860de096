import { z } from 'zod';
import { Id } from '../../../shared/ids.ts';
import type { Jobs } from '../../platform/jobs.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import { refundedJob, unitsBackJob } from './order-changes.pg.ts';

const UnitsBack = z.object({
  returnId: Id,
  orderId: Id,
  personId: Id.nullable(),
  reason: z.string(),
  lines: z.array(z.object({ lineNumber: z.int(), units: z.int() })),
});

export function registerOrderJobs(
  jobs: Pick<Jobs, 'define'>,
  ledger: Pick<OrdersLedger, 'returnUnits'>,
  onRefunded: (orderId: string) => Promise<void>,
): void {
  jobs.define(refundedJob, (payload) => onRefunded(z.object({ orderId: Id }).parse(payload).orderId));
  jobs.define(unitsBackJob, async (payload) => {
    const { returnId, orderId, lines, personId, reason } = UnitsBack.parse(payload);
    await ledger.returnUnits(returnId, orderId, lines, { personId, reason });
  });
}
