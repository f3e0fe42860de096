import type { App } from '../../server/app/app.ts';
import { createWebhookSignature } from '../../server/features/payments/standard-webhook.ts';
import { newId } from '../../shared/ids.ts';
import type { Order } from '../../shared/protocol/order.ts';
import type { Payment } from '../../shared/protocol/payment.ts';
import type { Session } from '../../shared/protocol/session.ts';
import { call, quickAccount, testSecrets } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { buyPatiently, newKey, type ShopFloor } from '../sale/shop-floor.ts';

type Gateway = Pick<App, 'url'>;

export const home = { recipient: 'Ana Lima', phone: '+351 900', country: 'PT', city: 'Porto', street: 'Rua 1' };

/** The data of an answer that must be good. Asks again while the answer is that it may, as clients do: keys make that safe. */
export async function data(app: Gateway, method: string, path: string, token: string, body?: unknown): Promise<any> {
  return eventually(
    async () => {
      const answer = await call(app, method, path, { token, ...(body === undefined ? {} : { body }) });
      if (answer.body.ok) return { data: answer.body.data };
      if (answer.body.error?.retryable) return null;
      return { failure: `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}` };
    },
    { deadlineMs: 15_000 },
  ).then((answer) => {
    if (!answer.data) throw new Error(answer.failure);
    return answer.data;
  });
}

export type Buyer = { session: Session; token: string; orderId: string };

/** A buyer who holds units of an offer, with or without having said where they go. */
export async function buyerWithOrder(
  app: Gateway,
  floor: ShopFloor,
  { offerId, units = 1, address = true, name }: { offerId: string; units?: number; address?: boolean; name?: string },
): Promise<Buyer> {
  const session = await quickAccount(app, name);
  const token = session.accessToken;
  const answer = await buyPatiently(app, floor, session, { offerId, units });
  if (answer.outcome !== 'held') throw new Error(`not held: ${answer.outcome}`);
  const { orderId } = answer.order;
  if (address) await chooseDelivery(app, token, orderId);
  return { session, token, orderId };
}

export async function chooseDelivery(app: Gateway, token: string, orderId: string, rateId: string | null = null) {
  const { addressId } = await data(app, 'POST', '/api/addresses', token, { ...home, requestKey: newKey() });
  return data(app, 'PUT', `/api/orders/${orderId}/delivery`, token, { addressId, rateId });
}

export const readOrder = (app: Gateway, { token, orderId }: Pick<Buyer, 'token' | 'orderId'>): Promise<Order> =>
  data(app, 'GET', `/api/orders/${orderId}`, token);

export async function startPayment(
  app: Gateway,
  { token, orderId }: Pick<Buyer, 'token' | 'orderId'>,
): Promise<Payment> {
  const started = await data(app, 'POST', `/api/orders/${orderId}/payments`, token, {});
  if (started.outcome !== 'started') throw new Error(`not started: ${started.outcome}`);
  return started.payment;
}

/** What the person at the pay page does. */
export async function atPayPage(app: Gateway, payUrl: string, form: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({ choice: 'pay', delaySeconds: '0', ...form });
  return fetch(`${app.url}${payUrl}`, { method: 'POST', body, redirect: 'manual' });
}

/** Buys and pays as a person does: page, button, and the shop hears of it by webhook. */
export async function paidOrder(
  app: Gateway,
  floor: ShopFloor,
  wish: { offerId: string; units?: number },
): Promise<Buyer> {
  const buyer = await buyerWithOrder(app, floor, wish);
  const { payUrl } = await startPayment(app, buyer);
  await atPayPage(app, payUrl!, {});
  await orderIs(app, buyer, 'paid');
  return buyer;
}

/** Waits for a state; for `paid` also until it is booked which payment paid it. */
export const orderIs = (app: Gateway, buyer: Buyer, state: Order['state']): Promise<Order> =>
  eventually(
    async () => {
      const order = await readOrder(app, buyer);
      if (order.state !== state) throw new Error(`the order is ${order.state}`);
      if (state === 'paid' && !order.events.some(({ kind }) => kind === 'payment-settled'))
        throw new Error('the payment is not settled');
      return order;
    },
    { deadlineMs: 15_000 },
  );

export type Event = { type: string; data: Record<string, unknown> };

/** A webhook as the provider sends it. `at` and `secrets` are for those that must be refused. */
export function webhookOf(
  event: Event,
  { eventId = `evt_${newId()}`, at = new Date(), secrets = testSecrets.paymentWebhookSecret } = {},
): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify({ timestamp: '2026-01-01T00:00:00Z', ...event });
  return { body, headers: createWebhookSignature(secrets).sign(eventId, body, at) };
}

export async function sendWebhook(
  app: Gateway,
  { body, headers }: { body: string; headers: Record<string, string> },
): Promise<number> {
  const response = await fetch(`${app.url}/api/webhooks/payments/sandbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await response.body?.cancel();
  return response.status;
}

export const succeeded = ({ paymentId, amountMinor, currency }: Payment): Event => ({
  type: 'payment.succeeded',
  data: { paymentId, amountMinor, currency },
});
export const failed = ({ paymentId }: Payment): Event => ({ type: 'payment.failed', data: { paymentId } });
export const inProgress = ({ paymentId }: Payment): Event => ({ type: 'payment.in_progress', data: { paymentId } });

/** What every account holds, accounts without money left out. */
export async function moneyOf({ platform: { db } }: Pick<App, 'platform'>): Promise<Record<string, number>> {
  const { rows } = await db.query<{ account: string; minor: number }>(
    `SELECT split_part(account, ':', 1) AS account, sum(amount_minor)::bigint AS minor FROM money_entries GROUP BY 1`,
  );
  return Object.fromEntries(rows.filter(({ minor }) => minor !== 0).map(({ account, minor }) => [account, minor]));
}

export const paymentsOf = async (app: Gateway, { token, orderId }: Buyer): Promise<Payment[]> =>
  (await data(app, 'GET', `/api/orders/${orderId}/payments`, token)).payments;
