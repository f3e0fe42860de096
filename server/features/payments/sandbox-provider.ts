import { randomBytes } from 'node:crypto';
import { newId } from '../../../shared/ids.ts';
import type { PaymentProvider } from './payment-provider.ts';
import type { SandboxBooks, SandboxPayment } from './sandbox-books.pg.ts';
import type { SandboxCallbacks } from './sandbox-callbacks.ts';
import { readSandboxEvent } from './sandbox-events.ts';
import type { WebhookSignature } from './standard-webhook.ts';

/** What the person at the pay page decides. `delaySeconds`: how late the shop hears of it. */
export type PageChoice = { choice: 'pay' | 'decline'; delaySeconds: number; twice: boolean };

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
    async refund({ refundId, paymentId, amountMinor }) {
      await books.refund({ refundId, paymentId, amountMinor, eventId: newId() }, (client, url) =>
        callbacks.plan(client, url, { type: 'refund.succeeded', data: { refundId } }),
      );
    },
    readEvent: (message) => readSandboxEvent(signature.verify(message), message.rawBody),
  };

  return {
    provider,
    find: (pageToken: string): Promise<SandboxPayment | null> => books.find(pageToken),

    /** Ends the payment as the person chose; a second click changes nothing. */
    async choose(pageToken: string, { choice, delaySeconds, twice }: PageChoice): Promise<void> {
      const state = choice === 'pay' ? 'paid' : 'declined';
      await books.end(pageToken, state, async (client, { paymentId, amountMinor, currency, callbackUrl: url }) => {
        const delayMs = delaySeconds * 1_000;
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
