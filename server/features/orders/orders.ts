import { AppError } from '../../../shared/errors.ts';
import type { Order, OrderSummary, ShippingRate } from '../../../shared/protocol/order.ts';
import { noId, rowsOf } from '../../platform/pages.ts';
import { searchPatterns } from '../../platform/search-patterns.ts';
import type { AddressBook } from '../address/address-book.ts';
import type { OrdersLedger } from '../sale/orders-ledger.ts';
import { deliveryChoices, type DeliveryChoice } from './delivery-choices.ts';
import type { OrderChanges, RefundAsked } from './order-changes.pg.ts';
import type { OrderQuery, OrderReads, TimeSpan } from './order-reads.pg.ts';
import { orderColumns, orderRows } from './orders-csv.ts';
import type { ShippingRates } from './shipping-rates.pg.ts';

type Needs = {
  reads: OrderReads;
  changes: OrderChanges;
  rates: ShippingRates;
  addresses: AddressBook;
  ledger: Pick<OrdersLedger, 'cancelHeld'>;
  /** Tells buyer and merchant that the order is another now. */
  announce(orderId: string): Promise<void>;
  /** How long after paying a buyer may cancel by themselves. */
  freeCancelMs: number;
};

type By = { orderId: string; personId: string };
type OrderPage = { orders: OrderSummary[]; next: string | null };
type Changed<O extends string> = { outcome: O; order: Order };

/** Orders read from the database at a time while exporting: as fast as the file is taken, and never more of them in memory. */
const exportPageOrders = 200;

export type Orders = ReturnType<typeof createOrders>;

/** Orders after they were held: where they go, what becomes of them, and who may see them. */
export function createOrders({ reads, changes, rates, addresses, ledger, announce, freeCancelMs }: Needs) {
  return {
    /** How a person stands to an order. Strangers are told the same as when there is no such order. */
    async relations(personId: string, orderId: string): Promise<ReadonlySet<'buyer' | 'merchant'>> {
      const parties = await reads.parties(orderId);
      const held = new Set<'buyer' | 'merchant'>();
      if (parties?.buyerId === personId) held.add('buyer');
      if (parties?.merchantId === personId) held.add('merchant');
      if (held.size === 0) throw new AppError('NOT_FOUND');
      return held;
    },
    read,
    mine: (personId: string, query: OrderQuery) => list('buyer', personId, query),
    async ofShop(
      shopId: string,
      { search = '', ...query }: OrderQuery & { search?: string | undefined },
    ): Promise<OrderPage> {
      const patterns = searchPatterns(search);
      if (patterns.length === 0) return list('merchant', shopId, query);
      const { orders, lookedUntil } = await reads.search(shopId, { ...query, patterns });
      return { orders, next: orders.length < query.limit ? lookedUntil : orders.at(-1)!.orderId };
    },

    /** Headers, then the cells of each line of each order of a shop, oldest first. */
    async *exportOf(shopId: string, span: TimeSpan): AsyncGenerator<string[]> {
      yield [...orderColumns];
      const orders = rowsOf({
        first: noId,
        keyOf: ({ orderId }: Order) => orderId,
        read: (after, limit) => reads.listDetails(shopId, { ...span, after, limit }),
        rowsPerPage: exportPageOrders,
      });
      for await (const order of orders) yield* orderRows(order);
    },

    async deliveryChoices(orderId: string, country: string): Promise<DeliveryChoice[]> {
      const order = await read(orderId);
      return deliveryChoices(await rates.list(order.merchantId), country, order.goodsMinor);
    },
    async chooseDelivery(by: By, addressId: string, rateId: string | null) {
      const address = await addresses.copyOf(by.personId, addressId);
      if (!address) throw new AppError('NOT_FOUND', 'There is no such address in your address book.');
      const order = await read(by.orderId);
      // What a shop sends where may have changed since it was paid.
      if (order.state !== 'held') return { outcome: 'not_held' as const, order };
      const choices = deliveryChoices(await rates.list(order.merchantId), address.country, order.goodsMinor);
      const choice = choices.find((one) => one.rateId === rateId);
      if (!choice) return { outcome: 'not_sent_there' as const, order };
      return changed(by.orderId, await changes.chooseDelivery(by, address, choice));
    },
    async cancel(by: By & { reason: string }): Promise<Changed<'cancelled' | 'refunded' | 'too_late'>> {
      const ended = await ledger.cancelHeld(by.orderId, { personId: by.personId, reason: by.reason });
      if (ended === 'cancelled') return changed(by.orderId, ended);
      return changed(by.orderId, await changes.cancelPaid(by, freeCancelMs));
    },
    ship: async (by: By & { reason: string }, parcel: { carrier: string; trackingNumber: string }) =>
      changed(by.orderId, await changes.ship(by, parcel)),
    deliver: async (by: By & { reason: string }) => changed(by.orderId, await changes.deliver(by)),
    retryRefund: async (by: By & { reason: string }, refundId: string) =>
      changed(by.orderId, await changes.retryRefund(by, refundId)),
    refund: async (asked: RefundAsked) => changed(asked.orderId, await changes.refund(asked)),

    shippingOf: (shopId: string): Promise<ShippingRate[]> => rates.list(shopId),
    setShipping: (shopId: string, table: readonly Omit<ShippingRate, 'rateId'>[]): Promise<ShippingRate[]> =>
      rates.replace(shopId, table),
  };

  async function read(orderId: string): Promise<Order> {
    const order = await reads.find(orderId);
    if (!order) throw new AppError('NOT_FOUND');
    return order;
  }

  async function list(side: 'buyer' | 'merchant', personId: string, query: OrderQuery): Promise<OrderPage> {
    const orders = await reads.list(side, personId, query);
    return { orders, next: orders.length < query.limit ? null : orders.at(-1)!.orderId };
  }

  async function changed<O extends string>(orderId: string, outcome: O): Promise<Changed<O>> {
    const order = await read(orderId);
    await announce(orderId);
    return { outcome, order };
  }
}
