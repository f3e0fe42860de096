import { z } from 'zod';
import { AppError } from '../../../shared/errors.ts';
import { Id } from '../../../shared/ids.ts';
import { Currency } from '../../../shared/money.ts';
import { parseInput } from '../../../shared/parse-input.ts';
import type { PaymentEvent } from './payment-provider.ts';

const Happened = z.iso.datetime();

/** Body of a webhook of the sandbox provider. */
export const SandboxEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.enum(['payment.in_progress', 'payment.failed']),
    timestamp: Happened,
    data: z.object({ paymentId: Id }),
  }),
  z.object({
    type: z.literal('payment.succeeded'),
    timestamp: Happened,
    data: z.object({ paymentId: Id, amountMinor: z.int().nonnegative(), currency: Currency }),
  }),
  z.object({
    type: z.enum(['refund.succeeded', 'refund.failed']),
    timestamp: Happened,
    data: z.object({ refundId: Id, attempt: z.int().min(1) }),
  }),
]);
export type SandboxEvent = z.infer<typeof SandboxEvent>;

/** @throws AppError BAD_INPUT when the body is not an event. */
export function readSandboxEvent(eventId: string, rawBody: Buffer): PaymentEvent {
  const { type, data } = parseInput(SandboxEvent, jsonOf(rawBody));
  return { eventId, kind: type, ...data } as PaymentEvent;
}

function jsonOf(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    throw new AppError('BAD_INPUT', 'The body is not JSON.');
  }
}
