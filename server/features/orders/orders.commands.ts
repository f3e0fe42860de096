import type { Gateway } from '../../gateway/gateway.ts';
import type { Orders } from './orders.ts';

export function registerOrders(gateway: Gateway, orders: Orders): void {
  gateway.relate('order', ({ personId }, orderId) => orders.relations(personId, orderId));

  gateway.expose('order:list', ({ personId }, query) => orders.mine(personId, query));
  gateway.expose('order:read', (_viewer, { orderId }) => orders.read(orderId));
  gateway.expose('order:delivery-choices', async (_viewer, { orderId, country }) => ({
    choices: await orders.deliveryChoices(orderId, country),
  }));
  gateway.expose('order:choose-delivery', ({ personId }, { orderId, addressId, rateId }) =>
    orders.chooseDelivery({ orderId, personId }, addressId, rateId),
  );
  gateway.expose('order:cancel', ({ personId }, cancel) => orders.cancel({ ...cancel, personId }));
  gateway.expose('order:ship', ({ personId }, { orderId, reason, ...parcel }) =>
    orders.ship({ orderId, personId, reason }, parcel),
  );
  gateway.expose('order:deliver', ({ personId }, delivered) => orders.deliver({ ...delivered, personId }));
  gateway.expose('order:refund', ({ personId }, refund) => orders.refund({ ...refund, personId }));
  gateway.expose('order:retry-refund', ({ personId }, { orderId, refundId, reason }) =>
    orders.retryRefund({ orderId, personId, reason }, refundId),
  );
  gateway.expose('shop:orders', (_viewer, { shopId, ...query }) => orders.ofShop(shopId, query));
  gateway.expose('shop:shipping', async (_viewer, { shopId }) => ({ rates: await orders.shippingOf(shopId) }));
  gateway.expose('shop:set-shipping', async (_viewer, { shopId, rates }) => ({
    rates: await orders.setShipping(shopId, rates),
  }));
}
