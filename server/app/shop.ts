import type { AddressBook } from '../features/address/address-book.ts';
import { createOrdersFeature } from '../features/orders/feature.ts';
import { createOutgoingFeature } from '../features/outgoing/feature.ts';
import { createPaymentsFeature } from '../features/payments/feature.ts';
import { createOrderPayments } from '../features/payments/refunds.pg.ts';
import type { OrdersLedger } from '../features/sale/orders-ledger.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { TellPerson } from '../gateway/tell-person.ts';
import type { Jobs } from '../platform/jobs.ts';
import type { Platform } from '../platform/platform.ts';
import type { Config } from './config.ts';
import type { Secrets } from './secrets.ts';

type Needs = {
  config: Config;
  secrets: Secrets;
  jobs: Jobs;
  ledger: OrdersLedger;
  addresses: AddressBook;
  tell: TellPerson;
  /** What follows from a paid order, and from money of it that goes back; may be called again. */
  onPaid(orderId: string): Promise<void>;
  onRefunded(orderId: string): Promise<void>;
  /** Our own address, known once the process listens. */
  publicUrl(): string;
};

/** Orders and payments, which need each other: an order is paid by a payment, a refund is asked for by an order. */
export function createShop(
  platform: Platform,
  { config, secrets, jobs, ledger, addresses, tell, onPaid, onRefunded, publicUrl }: Needs,
) {
  const orders = createOrdersFeature(
    platform,
    { jobs, ledger, addresses, tell, payments: createOrderPayments(jobs), onRefunded },
    { freeCancelMs: config.NIGHTMARKET_FREE_CANCEL_MINUTES * 60_000 },
  );
  const payments = createPaymentsFeature(
    platform,
    { jobs, ledger, orders: orders.payable, announce: orders.announce, onPaid },
    {
      webhookSecrets: secrets.paymentWebhookSecret,
      extensionMs: config.NIGHTMARKET_PAYMENT_EXTENSION_SECONDS * 1_000,
      pollAfterMs: config.NIGHTMARKET_PAYMENT_POLL_SECONDS * 1_000,
      publicUrl,
      isProduction: config.NODE_ENV === 'production',
    },
  );
  const outgoing = createOutgoingFeature(platform, { privateNetworks: config.NIGHTMARKET_WEBHOOK_PRIVATE_NETWORKS });
  return {
    register(gateway: Gateway): void {
      orders.register(gateway);
      payments.register(gateway);
      outgoing.register(gateway);
    },
  };
}
