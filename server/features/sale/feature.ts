import { setTimeout as wait } from 'node:timers/promises';
import { createBatches } from '../../platform/batches.ts';
import { createDamper } from '../../platform/log.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Stock } from '../catalog/stock.ts';
import type { Membership } from '../fan-club/membership.ts';
import type { Follows } from '../follow/follows.ts';
import type { RightsToBuy } from '../giveaway/rights-to-buy.ts';
import { createAudience } from './audience.ts';
import { createAuditor } from './auditor.ts';
import { createChangeFeed, heardWithinMs } from './change-feed.redis.ts';
import { refuseEviction } from './eviction.redis.ts';
import type { Claim, Gate, OfferRef } from './gate.ts';
import { createGateLoading } from './gate-loading.ts';
import { createGateQueue } from './gate-queue.ts';
import { createRedisGate } from './gate.redis.ts';
import { createGateSource } from './gate-source.pg.ts';
import { createGroupCommit } from './group-commit.ts';
import { createHolds } from './holds.ts';
import type { SaleNews } from './news.ts';
import { createOfferCache, holdersMax } from './offer-cache.ts';
import { createOfferTermsStore } from './offer-terms.pg.ts';
import type { OfferTerms } from './offer-terms.ts';
import { createOrderInserts, isDataFault, isDefinite } from './order-insert.pg.ts';
import { createOrderStates } from './order-states.pg.ts';
import type { KeyOfBuyer, SoldOutQuestion, StoredOrder } from './order-store.ts';
import type { OrdersLedger } from './orders-ledger.ts';
import { createPurchases, publicPart } from './purchase.ts';
import { createSaleClock } from './sale-clock.ts';
import { createSaleMetrics } from './sale-metrics.ts';
import { startSaleWork } from './sale.worker.ts';
import { createSellOuts } from './sell-outs.pg.ts';
import { createReopening } from './reopening.ts';
import { createSettling } from './settling.ts';
import { createWaiterStore } from './waiters.pg.ts';
import { createWaitingList } from './waiting-list.ts';

export type SaleNeeds = {
  stock: Stock;
  follows: Follows;
  membership: Membership;
  rights: RightsToBuy;
  news: SaleNews;
  /** Whether a person may see a room now. */
  isWelcome: (roomId: string, personId: string) => Promise<boolean>;
  /** Life of a hold, ms, and what it is given that runs out while its payment is in progress. */
  holdMs: number;
  extensionMs: number;
};

/** Questions to the ledger about purchases that take nothing; past them the answer is RETRY. */
const ledgerQuestionLimits = { itemsMax: 500, waitingMax: 10_000 };
/** Units of orders that were not written go back many at a time; past this they are settled as old marks. */
const returnLimits = { itemsMax: 500, waitingMax: 40_000 };
/** An outage fails all of them: time between two lines about it, ms. */
const lateFailuresEveryMs = 1_000;

export type SaleFeature = Awaited<ReturnType<typeof createSaleFeature>>;

/** The reservation engine: gate, ledger, and everything that keeps the two together. */
export async function createSaleFeature(platform: Platform, needs: SaleNeeds) {
  const { db, orderDb, redis, log, metrics, lifecycle } = platform;
  const { stock, news, holdMs } = needs;
  await refuseEviction(redis.commands);
  const silentGate = createRedisGate(redis.commands);
  const gate: Gate = {
    ...silentGate,
    /** Says so, whoever gives back and why: a room that was not told would go on showing as sold what nobody has. */
    async release(offer, claims) {
      const free = await silentGate.release(offer, claims);
      if (free.units > 0) onReleased(offer, free);
      return free;
    },
  };
  const store = { ...createOrderInserts(db), ...createOrderStates(db, stock) };
  const offers = createOfferTermsStore(db);
  const sellOuts = createSellOuts(db);
  const feed = await createChangeFeed(redis.subscriber, redis.commands);
  lifecycle.onClose('offer changes', feed.close);

  const onFailure = (error: unknown, work: string): void => log.warn({ err: error, work }, 'sale work failed');
  const cache = createOfferCache({ store: offers, holdersOf, trusted: feed.trusted, staleMsMax: heardWithinMs });
  feed.onChange(cache.hear);
  feed.onGap(cache.clear);

  const loading = createGateLoading({
    gate,
    source: createGateSource(db),
    announceEpoch: feed.publish,
    onLoaded(offer, why, epoch) {
      figures.loaded(why);
      news.left(offer);
      log.info({ offerId: offer.offerId, why, epoch }, 'gate loaded from the ledger');
    },
    onRetuned: news.left,
    onFailure,
  });
  const queue = createGateQueue({
    gate,
    refuse({ lines, roomId, buyerId, waited }) {
      if (waited) return null;
      for (const { offerId } of lines) {
        const code = cache.refusalOf(roomId, offerId, buyerId);
        if (code) return { code, offerId, knownBuyer: false };
      }
      return null;
    },
    onReply(roomId, { nowMs, offers: states, answers }, requests, tookMs) {
      cache.learnClock(nowMs, tookMs);
      const sold = new Set<string>();
      // Units kept for those who wait were not for sale: an offer does not sell out anew with each of them.
      const fromSale = new Set<string>();
      answers.forEach(({ code }, i) => {
        if (code !== 'taken') return;
        for (const { offerId } of requests[i]!.lines) {
          sold.add(offerId);
          if (!requests[i]!.waited) fromSale.add(offerId);
        }
      });
      for (const [offerId, state] of states) {
        cache.learn(offerId, state);
        const known = cache.peek(offerId);
        if (state.epoch === 0 || (known && state.epoch < known.epoch)) loading.request({ offerId, roomId });
        if (!sold.has(offerId)) continue;
        news.left({ offerId, roomId });
        if (state.left === 0 && fromSale.has(offerId)) news.soldOut({ offerId, roomId }, state.epoch, state.releases);
      }
    },
  });
  const commits = createGroupCommit({
    store: createOrderInserts(orderDb),
    isDefinite,
    isDataFault,
    holdMs,
    nowMs: () => performance.now(),
    after: (ms, run) => setTimeout(run, ms).unref(),
    onFailure: (error, orders) => log.warn({ err: error, orders: orders.length }, 'orders could not be written'),
  });
  const figures = createSaleMetrics(metrics, { queue, commits }, platform.nowMs);
  const admit = createAudience({
    ...needs,
    rightIsUsed: store.rightIsUsed,
    saleNowMs: createSaleClock({ knownMs: cache.gateNowMs, askMs: gate.nowMs, learn: cache.learnClock }),
  });

  const ledgerQuestions = createBatches<SoldOutQuestion, boolean>({
    ...ledgerQuestionLimits,
    run: (_room, asked) => store.areSoldOut(asked),
  });
  const keyQuestions = createBatches<KeyOfBuyer, StoredOrder | null>({
    ...ledgerQuestionLimits,
    async run(_room, asked) {
      const found = new Map((await store.findByKeys(asked)).map((order) => [order.buyerId + order.requestKey, order]));
      return asked.map(({ buyerId, requestKey }) => found.get(buyerId + requestKey) ?? null);
    },
  });
  const returns = createBatches<{ offer: OfferRef; claim: Claim }, undefined>({
    ...returnLimits,
    async run(_offer, back) {
      await gate.release(
        back[0]!.offer,
        back.map(({ claim }) => claim),
      );
      return back.map(() => undefined);
    },
  });
  const damped = createDamper(lateFailuresEveryMs);
  const purchases = createPurchases({
    cache,
    queue,
    commits,
    gate,
    giveBack: (offer, claim) => returns.add(offer.offerId, { offer, claim }),
    store,
    isSoldOut: ({ roomId, ...question }) => ledgerQuestions.add(roomId, question),
    orderOfKey: keyQuestions.add,
    admit,
    onHeld(purchase, order) {
      figures.held();
      news.bought(purchase, order);
    },
    onRefused: figures.refused,
    onStale: loading.request,
    onFailure,
    wait,
    patience: {
      nowMs: () => performance.now(),
      after: (ms, run) => setTimeout(run, ms).unref(),
      onLateFailure: (error) =>
        damped((failed) => log.warn({ err: error, failed }, 'purchases failed that nobody waited for')),
    },
  });
  const waiting = createWaitingList({
    gate,
    store: createWaiterStore(db),
    termsOf: cache.get,
    admit,
    isWelcome: needs.isWelcome,
    purchaseWaited: purchases.purchaseWaited,
    onStale(offer) {
      loading.request(offer);
      void cache.refresh(offer.offerId).catch((error: unknown) => onFailure(error, 'refresh terms'));
    },
    async orderOfKey(buyerId, requestKey) {
      const [order] = await store.findByKeys([{ buyerId, requestKey }]);
      return order ? publicPart(order) : null;
    },
    cancelHeld: (orderId, cause) => ledger.cancelHeld(orderId, cause),
    onFreed: (offer, left) => onReleased(offer, { units: left, left, kept: 0 }),
    onServed: ({ personId }, order) =>
      news.served(personId, { offerId: order.lines[0]!.offerId, roomId: order.roomId }, order),
    onPassed: ({ personId }, offer) => news.passed(personId, offer),
    onFailure,
  });

  /** An offer whose row is locked reopens again and again meanwhile: that is one sell-out more. */
  const reopenings = createBatches<null, undefined>({
    ...ledgerQuestionLimits,
    async run(offerId, times) {
      await sellOuts.reopened(offerId);
      return times.map(() => undefined);
    },
  });
  const freed = createReopening({
    leftOf: async (offer) => (await gate.shown([offer]))[0]?.left ?? 0,
    say: news.available,
    after: (ms, run) => setTimeout(run, ms).unref(),
    onFailure: (error) => onFailure(error, 'say what is left'),
  });
  const onReleased = (offer: OfferRef, { units, left, kept }: { units: number; left: number; kept: number }): void => {
    news.left(offer);
    freed(offer, { units, left });
    if (left > 0 && left === units)
      void reopenings.add(offer.offerId, null).catch((error: unknown) => onFailure(error, 'number the next sell-out'));
    if (kept > 0) serveSoon(offer);
  };
  const serveSoon = (offer: OfferRef): void =>
    void waiting.serve(offer).catch((error: unknown) => onFailure(error, 'serve waiting'));
  const ledger: OrdersLedger = {
    purchase: purchases.purchase,
    ...createHolds({
      store,
      gate,
      take: queue.take,
      termsOf: cache.refresh,
      onExpired: news.expired,
      onExtended: news.extended,
      extensionMs: needs.extensionMs,
      isDataFault,
      onFailure,
    }),
  };
  const settling = createSettling({
    gate,
    store,
    offers,
    onSettled({ offerId }, released, confirmed) {
      figures.settled(released, confirmed);
      log.info({ offerId, released, confirmed }, 'old marks settled');
    },
    onFailure,
  });
  const auditor = createAuditor({
    gate,
    source: createGateSource(db),
    offers,
    loading,
    sellOuts,
    report: figures.found,
    onRepair({ offer, driftUnits, isStopped }) {
      figures.repaired();
      log.error({ offerId: offer.offerId, driftUnits, isStopped }, 'gate and ledger differ: gate is loaded anew');
    },
    onKept: serveSoon,
    onFailure,
  });
  if (platform.roles.has('worker')) startSaleWork(platform, { ledger, settling, auditor, waiting, figures });

  return { ledger, gate, loading, waiting, feed };

  async function holdersOf(terms: OfferTerms) {
    const { offerId, epoch, state } = terms;
    if (state === 'open') return gate.holders(terms, holdersMax);
    return { epoch, releases: 0, left: 0, buyers: await store.buyersOf(offerId, holdersMax) };
  }
}
