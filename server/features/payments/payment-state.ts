import type { PaymentState } from '../../../shared/protocol/payment.ts';
import type { PaymentEvent } from './payment-provider.ts';

/**
 * A payment only moves up in rank, whatever order its events come in: the highest rank among them is where it ends. Money
 * that arrived outranks a failure, because it is there.
 */
export const stateRanks: Record<PaymentState, number> = { started: 0, in_progress: 1, failed: 2, captured: 3 };

type PaymentKind = Extract<PaymentEvent, { paymentId: string }>['kind'];

const stateOfKind: Record<PaymentKind, PaymentState> = {
  'payment.in_progress': 'in_progress',
  'payment.failed': 'failed',
  'payment.succeeded': 'captured',
};

/** The state a payment has after one more event. */
export function stateAfter(state: PaymentState, kind: PaymentKind): PaymentState {
  const next = stateOfKind[kind];
  return stateRanks[next] > stateRanks[state] ? next : state;
}

/** True while the buyer can still do something on the provider's page. */
export const isOpen = (state: PaymentState): boolean => state === 'started' || state === 'in_progress';
