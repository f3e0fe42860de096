import { randomBytes } from 'node:crypto';
import { newId } from '../../../shared/ids.ts';
import type { PaymentEvent, PaymentProvider } from './payment-provider.ts';
import type { SandboxBooks, SandboxPayment } from './sandbox-books.pg.ts';
import type { SandboxCallbacks } from './sandbox-callbacks.ts';
import { readSandboxEvent } from './sandbox-events.ts';
import type { WebhookSignature } from './standard-webhook.ts';

/** What the person at the pay page decides. `delaySeconds`: how late the shop hears of it. */
export type PageChoice = {
  choice: 'pay' | 'decline';
  delaySeconds: number;
  twice: boolean;
  /** The shop is never told; it must ask. */
  silent: boolean;
  /** The first attempt to give the money back fails. */
  refundFails: boolean;
};

type Needs = {
  books: SandboxBooks;
  callbacks: SandboxCallbacks;
  signature: WebhookSignature;
  /** Address under which the worker reaches the webhook route. */
  callbackUrl(): string;
};

export type SandboxProvider = ReturnType<typeof createSandboxProvider>;

/**
 * A payment provider without money: its own books, a pay page, and signed webhooks over HTTP like any other. It shares
 * nothing with the shop but the port and the webhook secret.
 */
export function createSandboxProvider({ books, callbacks, signature, callbackUrl }: Needs) {
  const provider: PaymentProvider = {
    name: 'sandbox',
    async openPage(payment) {
      const pageToken = randomBytes(24).toString('base64url');
      const opened = await books.open({ ...payment, pageToken, callbackUrl: callbackUrl() });
      return `/pay/${opened.pageToken}`;
    },
    async refund({ refundId, attempt, paymentId, amountMinor }) {
      const asked = { refundId, attempt, paymentId, amountMinor, eventId: newId() };
      await books.refund(asked, (client, url, succeeded) => {
        const type = succeeded ? 'refund.succeeded' : 'refund.failed';
        return callbacks.plan(client, url, { type, data: { refundId, attempt } });
      });
    },
    async ask(about) {
      if ('paymentId' in about) return paymentEvent(about.paymentId, await books.known(about.paymentId));
      const refund = await books.refundNow(about.refundId);
      if (!refund) return null;
      return {
        ...about,
        attempt: refund.attempt,
        eventId: `asked:${refund.eventId}`,
        kind: refund.succeeded ? 'refund.succeeded' : 'refund.failed',
      };
    },
    readEvent: (message) => readSandboxEvent(signature.verify(message), message.rawBody),
  };

  return {
    provider,
    find: (pageToken: string): Promise<SandboxPayment | null> => books.find(pageToken),

    /** Ends the payment as the person chose; a second click changes nothing. */
    async choose(pageToken: string, choices: PageChoice): Promise<void> {
      const { choice, delaySeconds, twice, silent, refundFails } = choices;
      const state = choice === 'pay' ? 'paid' : 'declined';
      const delayMs = delaySeconds * 1_000;
      const end = { state, knownInMs: delayMs, refundsFailing: refundFails ? 1 : 0 } as const;
      await books.end(pageToken, end, async (client, { paymentId, amountMinor, currency, callbackUrl: url }) => {
        if (silent) return;
        if (delayMs > 0) await callbacks.plan(client, url, { type: 'payment.in_progress', data: { paymentId } });
        const outcome =
          choice === 'pay'
            ? { type: 'payment.succeeded' as const, data: { paymentId, amountMinor, currency } }
            : { type: 'payment.failed' as const, data: { paymentId } };
        await callbacks.plan(client, url, outcome, twice ? [delayMs, delayMs] : [delayMs]);
      });
    },
  };
}

function paymentEvent(
  paymentId: string,
  known: Pick<SandboxPayment, 'state' | 'amountMinor' | 'currency'> | null,
): PaymentEvent | null {
  if (!known || known.state === 'open') return null;
  const { state, amountMinor, currency } = known;
  const eventId = `asked:${paymentId}:${state}`;
  return state === 'paid'
    ? { eventId, kind: 'payment.succeeded', paymentId, amountMinor, currency }
    : { eventId, kind: 'payment.failed', paymentId };
}
