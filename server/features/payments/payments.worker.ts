import { z } from 'zod';
import { Id } from '../../../shared/ids.ts';
import type { Jobs } from '../../platform/jobs.ts';
import { paidJob, settleJob } from './payment-books.pg.ts';
import type { Payments } from './payments.ts';
import { refundJob } from './refunds.pg.ts';

export function registerPaymentJobs(
  jobs: Pick<Jobs, 'define'>,
  payments: Payments,
  onPaid: (orderId: string) => Promise<void>,
): void {
  jobs.define(paidJob, (payload) => onPaid(z.object({ orderId: Id }).parse(payload).orderId));
  jobs.define(settleJob, (payload) => payments.settle(z.object({ paymentId: Id }).parse(payload).paymentId));
  jobs.define(refundJob, (payload) => payments.payBack(z.object({ refundId: Id }).parse(payload).refundId));
}
