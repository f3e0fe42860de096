import { AppError } from '../../../shared/errors.ts';
import { offerLimits } from '../../../shared/limits.ts';
import type { PurchaseAnswer } from '../../../shared/protocol/offer.ts';
import type { Gateway } from '../../gateway/gateway.ts';
import type { OrdersLedger, PurchaseResult } from '../sale/orders-ledger.ts';
import type { WaitingList } from '../sale/waiting-list.ts';
import { heldOrder } from './held-order.ts';
import type { CartStore, OfferStore } from './offer-store.ts';
import type { NotedOffers } from './noted-offers.ts';
import type { Offers } from './offers.ts';

type Needs = {
  offers: Offers;
  noted: NotedOffers;
  store: Pick<OfferStore, 'find'>;
  carts: CartStore;
  ledger: Pick<OrdersLedger, 'purchase'>;
  waiting: WaitingList;
};

export function registerOffers(gateway: Gateway, { offers, noted, store, carts, ledger, waiting }: Needs): void {
  gateway.relate('offer', ({ personId }, offerId) => offers.relations(personId, offerId));
  gateway.expose('offer:create', ({ personId }, input) => offers.create(personId, input));
  gateway.expose('offer:edit', ({ personId }, input) => noted.edit(personId, input));
  gateway.expose('offer:open', ({ personId }, input) => noted.open(personId, input));
  gateway.expose('offer:close', ({ personId }, input) => noted.close(personId, input));
  gateway.expose('offer:repeat', ({ personId }, input) => offers.repeat(personId, input));
  gateway.expose('offer:take-over', ({ personId }, input) => offers.takeOver(personId, input));
  gateway.expose('offer:take-planned', (_viewer, input) => offers.takePlanned(input));
  gateway.expose('offer:order', (_viewer, input) => offers.order(input));
  gateway.expose('offer:pin', ({ personId }, input) => noted.pin(personId, input));
  gateway.expose('offer:unpin', ({ personId }, input) => noted.unpin(personId, input));
  gateway.expose('offer:list', ({ personId }, { roomId }) => offers.list(personId, roomId));
  gateway.exposeOpen('offer:get', (viewer, { offerId }) => offers.get(viewer?.personId ?? null, offerId));

  gateway.expose('offer:buy', async ({ personId, name }, { hideName, ...purchase }, _call, relations) => {
    if (!relations.has('viewer')) await offers.assertForRights(purchase.lines);
    return answerOf(await ledger.purchase({ ...purchase, buyerId: personId, buyerName: hideName ? null : name }));
  });
  gateway.expose('offer:wait', ({ personId }, { roomId, offerId, units }) =>
    waiting.join({ roomId, offerId }, personId, units),
  );
  gateway.expose('offer:place', async ({ personId }, offer) => ({ place: await waiting.place(offer, personId) }));
  gateway.expose('offer:leave', async ({ personId }, offer) => ({ left: await waiting.leave(offer, personId) }));

  gateway.expose('cart:get', ({ personId }, { roomId }) => carts.get(personId, roomId));
  gateway.expose('cart:put', async ({ personId }, { roomId, offerId, units }) => {
    if ((await store.find(offerId))?.roomId !== roomId) throw new AppError('NOT_FOUND');
    if (!(await carts.put(personId, roomId, offerId, units, offerLimits.linesMax)))
      throw new AppError('CONFLICT', `A cart has at most ${offerLimits.linesMax} lines.`, { reason: 'too-many' });
    return carts.get(personId, roomId);
  });
}

const answerOf = (result: PurchaseResult): PurchaseAnswer =>
  result.outcome === 'held' ? { outcome: 'held', order: heldOrder(result.order) } : result;
