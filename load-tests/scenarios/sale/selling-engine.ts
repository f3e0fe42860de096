import { newId } from '../../../shared/ids.ts';
import { createStock } from '../../../server/features/catalog/stock.pg.ts';
import { commitLockMsMax, commitsAtOnceMax } from '../../../server/features/sale/group-commit.ts';
import { createSaleFeature } from '../../../server/features/sale/feature.ts';
import { createLifecycle } from '../../../server/platform/lifecycle.ts';
import { createLog } from '../../../server/platform/log.ts';
import { createMetrics } from '../../../server/platform/metrics.ts';
import { createPeriodics } from '../../../server/platform/periodic.ts';
import { createPostgres } from '../../../server/platform/postgres.ts';
import { createRedis } from '../../../server/platform/redis.ts';
import type { Role } from '../../../server/platform/periodic.ts';

export type Offer = { offerId: string; roomId: string };

const insertOffer = `
  INSERT INTO offers (offer_id, room_id, host_id, merchant_id, sku_id, product_id, kind, item_number, position, title, currency,
    price_minor, list_price_minor, limit_units, allotment_units, supply_units, state, opens_at, epoch)
  VALUES ($1, $2, $3, $3, $3, $3, 'cart', 1, 1, '{"en":"Lamp","zh":""}', 'EUR', 700, 1000, 2, $4, $4, 'open', now(), nextval('offer_epochs'))`;

/** The engine as a gateway has it, without a gateway around it: what is measured is the path of a purchase, not sockets. */
export async function startSellingEngine(stores: { databaseUrl: string; redisUrl: string }, roles: readonly Role[]) {
  const log = createLog('warn');
  const lifecycle = createLifecycle({ log, deadlineMs: 5_000 });
  const metrics = createMetrics({ processFigures: false });
  const db = createPostgres({ url: stores.databaseUrl, log, connectionsMax: 10 });
  lifecycle.onClose('postgres', () => db.end());
  const orderDb = createPostgres({
    url: stores.databaseUrl,
    log,
    connectionsMax: commitsAtOnceMax,
    lockTimeoutMs: commitLockMsMax,
  });
  lifecycle.onClose('postgres for orders', () => orderDb.end());
  const redis = createRedis({ url: stores.redisUrl, log });
  lifecycle.onClose('redis', redis.close);
  await redis.connect();
  const every = createPeriodics({ db, log, lifecycle, roles: new Set(roles) });
  const platform = { log, db, orderDb, redis, metrics, lifecycle, nowMs: Date.now, roles: new Set(roles), every };
  const quiet = (): void => undefined;
  const sale = await createSaleFeature(platform, {
    stock: createStock(db, (error) => log.warn({ err: error }, 'units not booked')),
    follows: { sinceMs: async () => null },
    membership: { levelOf: async () => null },
    rights: { ofPerson: async () => [], areIn: async () => false },
    isWelcome: async () => true,
    news: {
      left: quiet,
      soldOut: quiet,
      available: quiet,
      bought: quiet,
      served: quiet,
      passed: quiet,
      expired: quiet,
      extended: quiet,
    },
    holdMs: 900_000,
    extensionMs: 120_000,
  });

  return {
    db,
    redis: redis.commands,
    gate: sale.gate,
    ledger: sale.ledger,
    close: lifecycle.close,
    /** An open offer that nobody has bought of. */
    async openOffer(units: number): Promise<Offer> {
      const offer = { offerId: newId(), roomId: newId() };
      await db.query(insertOffer, [offer.offerId, offer.roomId, newId(), units]);
      await sale.loading.load(offer, 'opened');
      return offer;
    },
  };
}

export type SellingEngine = Awaited<ReturnType<typeof startSellingEngine>>;
