import type { Gateway } from '../../gateway/gateway.ts';
import type { TellPerson } from '../../gateway/tell-person.ts';
import type { Jobs } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AddressBook } from '../address/address-book.ts';
import type { OrderPayments } from '../payments/order-payments.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import { createOrderChanges } from './order-changes.pg.ts';
import { createOrderReads } from './order-reads.pg.ts';
import { registerOrders } from './orders.commands.ts';
import { registerOrdersExport } from './orders.routes.ts';
import { createOrders } from './orders.ts';
import { registerOrderJobs } from './orders.worker.ts';
import { payableOrders } from './payable-orders.pg.ts';
import { createShippingRates } from './shipping-rates.pg.ts';

export type OrderNeeds = {
  jobs: Jobs;
  ledger: Pick<OrdersLedger, 'cancelHeld' | 'returnUnits'>;
  addresses: AddressBook;
  tell: TellPerson;
  payments: OrderPayments;
  /** What follows from money that goes back; called at least once, and again until it succeeds. */
  onRefunded(orderId: string): Promise<void>;
};

export function createOrdersFeature(
  { db, log }: Platform,
  { jobs, ledger, addresses, tell, payments, onRefunded }: OrderNeeds,
  { freeCancelMs }: { freeCancelMs: number },
) {
  const reads = createOrderReads(db);
  const changes = createOrderChanges(db, { jobs, payments });
  const orders = createOrders({
    reads,
    changes,
    rates: createShippingRates(db),
    addresses,
    ledger,
    announce,
    freeCancelMs,
  });

  return {
    payable: payableOrders,
    announce: (orderId: string): void =>
      void announce(orderId).catch((error: unknown) => log.warn({ err: error, orderId }, 'change not announced')),
    register(gateway: Gateway): void {
      registerOrders(gateway, orders);
      registerOrdersExport(gateway, orders);
      registerOrderJobs(jobs, ledger, onRefunded);
    },
  };

  async function announce(orderId: string): Promise<void> {
    const parties = await reads.parties(orderId);
    if (!parties) return;
    const { buyerId, merchantId, roomId, state } = parties;
    for (const personId of new Set([buyerId, merchantId])) tell(personId, 'order:changed', { orderId, roomId, state });
  }
}
