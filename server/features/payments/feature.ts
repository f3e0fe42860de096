import type { Gateway } from '../../gateway/gateway.ts';
import type { Jobs } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import type { PayableOrders } from './payable-orders.ts';
import { createPaymentBooks } from './payment-books.pg.ts';
import { registerPayments } from './payments.commands.ts';
import { registerSandboxPage, registerWebhooks, webhookPath } from './payments.routes.ts';
import { createPayments } from './payments.ts';
import { registerPaymentJobs } from './payments.worker.ts';
import { createSandboxBooks } from './sandbox-books.pg.ts';
import { createSandboxCallbacks } from './sandbox-callbacks.ts';
import { createSandboxProvider } from './sandbox-provider.ts';
import { createWebhookSignature } from './standard-webhook.ts';
import { createUndecidedMoney } from './undecided-money.pg.ts';

const undecidedEveryMs = 60_000;

export type PaymentSettings = {
  /** `whsec_…`; several, separated by spaces, while the key is being rotated. */
  webhookSecrets: string;
  /** What a payment adds to a hold that is about to end: once when it begins, and once when it is in progress. */
  extensionMs: number;
  /** A provider that has told nothing for so long is asked, ms. */
  pollAfterMs: number;
  /** Our own address, known once the process listens. */
  publicUrl(): string;
  /** Real goods are sold: that nobody really pays is said. */
  isProduction: boolean;
};

export type PaymentNeeds = {
  jobs: Jobs;
  ledger: Pick<OrdersLedger, 'pay' | 'extendHold'>;
  orders: PayableOrders;
  /** Told after an order was paid or got money back. */
  announce(orderId: string): void;
  /** What follows from a paid order; called at least once, and again until it succeeds. */
  onPaid(orderId: string): Promise<void>;
};

export function createPaymentsFeature(platform: Platform, needs: PaymentNeeds, settings: PaymentSettings) {
  const { db, nowMs } = platform;
  const { jobs, orders, ledger, announce } = needs;
  const { webhookSecrets, extensionMs, pollAfterMs, publicUrl, isProduction } = settings;
  const signature = createWebhookSignature(webhookSecrets);
  const callbacks = createSandboxCallbacks({ jobs, signature, nowMs });
  const sandbox = createSandboxProvider({
    books: createSandboxBooks(db),
    callbacks,
    signature,
    callbackUrl: () => new URL(webhookPath.replace(':provider', 'sandbox'), publicUrl()).href,
  });
  const { provider } = sandbox;
  if (isProduction)
    platform.log.warn(
      'PAYMENTS ARE A SANDBOX: whoever presses "Pay" has paid, and no money moves. Put a provider in its place first.',
    );
  const books = createPaymentBooks(db, { orders, jobs, pollAfterMs });
  const undecided = createUndecidedMoney(platform);
  const payments = createPayments({ books, provider, ledger, announce, nowMs, extensionMs, pollAfterMs });

  return {
    register(gateway: Gateway): void {
      registerPayments(gateway, payments);
      registerWebhooks(gateway, payments, provider);
      registerSandboxPage(gateway, sandbox);
      registerPaymentJobs(jobs, payments, needs.onPaid);
      // By every worker: each has figures of its own.
      platform.every({ name: 'look for undecided money', everyMs: undecidedEveryMs, run: undecided.look });
      callbacks.register();
    },
  };
}
