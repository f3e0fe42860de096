import { z } from 'zod';
import { Id } from '../../../shared/ids.ts';
import type { Jobs } from '../../platform/jobs.ts';
import { askJob, paidJob, retryRefundJob, settleJob } from './payment-books.pg.ts';
import type { Payments } from './payments.ts';
import { refundJob } from './refunds.pg.ts';

const Asked = z.object({
  about: z.union([z.object({ paymentId: Id }), z.object({ refundId: Id })]),
  asks: z.int(),
});

export function registerPaymentJobs(
  jobs: Pick<Jobs, 'define'>,
  payments: Payments,
  onPaid: (orderId: string) => Promise<void>,
): void {
  jobs.define(paidJob, (payload) => onPaid(z.object({ orderId: Id }).parse(payload).orderId));
  jobs.define(settleJob, (payload) => payments.settle(z.object({ paymentId: Id }).parse(payload).paymentId));
  jobs.define(refundJob, (payload) => payments.payBack(z.object({ refundId: Id }).parse(payload).refundId));
  jobs.define(retryRefundJob, (payload) => payments.retryRefund(z.object({ refundId: Id }).parse(payload).refundId));
  jobs.define(askJob, (payload) => payments.ask(Asked.parse(payload)));
}
