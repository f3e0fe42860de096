import type { PublicUrl } from '../gateway/call.ts';
import { createGateway } from '../gateway/gateway.ts';
import { createAddressFeature } from '../features/address/feature.ts';
import { createCatalogFeature } from '../features/catalog/feature.ts';
import type { FetchBeacon } from '../features/giveaway/beacons.ts';
import { createDrandSource } from '../features/giveaway/drand.http.ts';
import { createDropPromises } from '../features/giveaway/drop-promises.pg.ts';
import { createGiveawayFeature } from '../features/giveaway/feature.ts';
import { createIdentityFeature } from '../features/identity/feature.ts';
import { createPutOuts } from '../features/moderation/put-outs.pg.ts';
import { createDropOffers } from '../features/offer/drop-offers.pg.ts';
import { createPurchaseLookup } from '../features/orders/purchases.pg.ts';
import { createRightUses } from '../features/sale/right-uses.pg.ts';
import { createStreamFeature } from '../features/stream/feature.ts';
import type { IceSettings } from '../features/stream/ice-servers.ts';
import { systemClock, type Clock } from '../platform/clock.ts';
import { createTellPerson } from '../gateway/tell-person.ts';
import { createDeadJobs } from '../platform/dead-jobs.ts';
import { createJobs } from '../platform/jobs.ts';
import { createLifecycle } from '../platform/lifecycle.ts';
import type { Log } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { migrate } from '../platform/migrate.ts';
import { createPeriodics } from '../platform/periodic.ts';
import type { Platform } from '../platform/platform.ts';
import { commitLockMsMax, commitsAtOnceMax } from '../features/sale/group-commit.ts';
import { createPostgres } from '../platform/postgres.ts';
import { createRedis } from '../platform/redis.ts';
import type { Config } from './config.ts';
import { createLive } from './live.ts';
import { createMedia } from './media.ts';
import { originRule } from './origins.ts';
import { policy, routePolicy } from './policy.ts';
import type { Secrets } from './secrets.ts';
import { serve } from './serve.ts';
import { createSelling } from './selling.ts';
import { createShop } from './shop.ts';

export type App = Awaited<ReturnType<typeof startApp>>;

export type AppNeeds = {
  config: Config;
  databaseUrl: string;
  redisUrl: string;
  secrets: Secrets;
  log: Log;
  nowMs?: Clock;
  /** Where rounds of public randomness come from. Default: drand's own relays. */
  fetchBeacon?: FetchBeacon;
};

/**
 * The composition root: everything is made and wired here, by hand, in the order it depends on each other, and closed in
 * reverse. Tests start the same application, once or several times over the same databases.
 */
export async function startApp({
  config,
  databaseUrl,
  redisUrl,
  secrets,
  log,
  nowMs = systemClock,
  fetchBeacon = createDrandSource(log),
}: AppNeeds) {
  const lifecycle = createLifecycle({ log, deadlineMs: config.NIGHTMARKET_STOP_SECONDS * 1_000 });
  try {
    await migrate(databaseUrl, log);
    const platform = await createPlatform();
    const jobs = createJobs(platform);
    // By every worker: each has figures of its own, which would grow old in those that do not look.
    platform.every({ name: 'take up dead jobs', everyMs: 60_000, run: createDeadJobs(platform).look });
    const people = createTellPerson(platform);
    let listensAt = '';
    const publicUrl: PublicUrl = (reachedAt) => config.NIGHTMARKET_PUBLIC_URL ?? reachedAt ?? listensAt;
    const identity = createIdentityFeature(platform, {
      ...identitySettings(config, secrets),
      isNameAllowed: (name) => live.isNameAllowed(name),
    });
    const addresses = createAddressFeature(platform);
    const catalog = createCatalogFeature(platform, { tell: people.tell, publicUrl: () => publicUrl(undefined) });
    const purchases = createPurchaseLookup(platform.db);
    const live = createLive(platform, {
      config,
      ...people,
      purchases,
      publicUrl,
      shownProducts: catalog.shown,
      offCamera: (...who) => stream.sentAway(...who),
      endMedia: (...who) => stream.endMedia(...who),
      isCoHost: (...who) => stream.isCoHost(...who),
      markSecret: secrets.tokenSecret,
    });
    const { roomLog, room } = live;
    const rightUses = createRightUses();
    const dropPromises = createDropPromises(rightUses);
    const giveaways = createGiveawayFeature(platform, {
      room,
      roomLog,
      onSaid: live.onSaid,
      award: live.fanClub.award,
      addresses: addresses.book,
      followers: live.followers,
      members: live.fanClub.members,
      purchases,
      putOuts: createPutOuts(platform.db),
      rightUses,
      dropOffers: createDropOffers(),
      dropPromises,
      hasClub: live.fanClub.hasClub,
      fetchBeacon,
      tellEach: people.tellEach,
      note: live.note,
    });
    room.letWinnersBuy(giveaways.rights.areIn);
    const selling = await createSelling(platform, {
      config,
      live,
      catalog,
      rights: giveaways.rights,
      dropPromises,
      tell: people.tell,
      tellEach: people.tellEach,
    });
    const shop = createShop(platform, {
      config,
      secrets,
      jobs,
      ledger: selling.ledger,
      addresses: addresses.book,
      tell: people.tell,
      onPaid: live.fanClub.thankBuyer,
      onRefunded: live.fanClub.thankBuyer,
      publicUrl: () => publicUrl(undefined),
    });
    const media = createMedia(platform, config);
    const stream = createStreamFeature(platform, {
      sfu: media.sfu,
      rooms: room.rooms,
      snapshots: room.snapshots,
      watch: room,
      roomLog,
      grantSecret: secrets.tokenSecret,
      ice: iceSettings(config),
      publicUrl,
      tell: people.tell,
      note: live.note,
    });
    const allowsOrigin = originRule(config);
    const gateway = createGateway({
      platform,
      policy,
      routePolicy,
      authenticate: identity.authenticate,
      allowsOrigin,
      trustedProxies: config.NIGHTMARKET_TRUSTED_PROXIES,
      publicUrl: config.NIGHTMARKET_PUBLIC_URL,
      socketsMax: config.NIGHTMARKET_SOCKETS_MAX,
      socketsPerAddressMax: config.NIGHTMARKET_SOCKETS_PER_ADDRESS_MAX,
    });

    await identity.register(gateway);
    catalog.register(gateway);
    addresses.register(gateway);
    giveaways.register(gateway);
    selling.register(gateway);
    shop.register(gateway);
    live.register(gateway);
    stream.register(gateway);
    media.serveInternalApi(gateway.http.app);

    if (platform.roles.has('gateway')) await people.deliver(gateway.sockets.io);
    listensAt = await serve({ config, gateway, platform, checks: [...checksOf(platform), ...media.checks] });
    await jobs.start();
    return {
      url: listensAt,
      gateway,
      platform,
      authenticate: identity.authenticate,
      ledger: selling.ledger,
      close: lifecycle.close,
    };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }

  async function createPlatform(): Promise<Platform> {
    const metrics = createMetrics({ processFigures: config.NODE_ENV !== 'test' });
    const db = createPostgres({ url: databaseUrl, log, connectionsMax: config.NIGHTMARKET_DATABASE_CONNECTIONS_MAX });
    lifecycle.onClose('postgres', () => db.end());
    const orderDb = createPostgres({
      url: databaseUrl,
      log,
      connectionsMax: commitsAtOnceMax,
      lockTimeoutMs: commitLockMsMax,
    });
    lifecycle.onClose('postgres for orders', () => orderDb.end());
    const redis = createRedis({ url: redisUrl, log });
    lifecycle.onClose('redis', redis.close);
    await redis.connect();
    const roles = new Set(config.NIGHTMARKET_ROLES);
    return {
      log,
      db,
      orderDb,
      redis,
      metrics,
      lifecycle,
      nowMs,
      roles,
      every: createPeriodics({ db, log, lifecycle, roles }),
    };
  }
}

function identitySettings(config: Config, secrets: Secrets) {
  const {
    NIGHTMARKET_JWKS_URL: jwksUrl,
    NIGHTMARKET_JWKS_ISSUER: issuer,
    NIGHTMARKET_JWKS_AUDIENCE: audience,
  } = config;
  return {
    tokenSecret: secrets.tokenSecret,
    accessTokenSeconds: config.NIGHTMARKET_ACCESS_TOKEN_SECONDS,
    sessionDays: config.NIGHTMARKET_SESSION_DAYS,
    operators: config.NIGHTMARKET_OPERATORS,
    foreignProvider: jwksUrl && issuer && audience ? { jwksUrl, issuer, audience } : null,
  };
}

function iceSettings(config: Config): IceSettings {
  const {
    NIGHTMARKET_ICE_SERVERS: urls,
    NIGHTMARKET_TURN_SECRET: secret,
    NIGHTMARKET_TURN_USERNAME: username,
    NIGHTMARKET_TURN_PASSWORD: password,
  } = config;
  if (secret) return { urls, turn: { secret } };
  return { urls, turn: username && password ? { username, password } : null };
}

const checksOf = ({ db, redis }: Platform) => [
  { name: 'postgres', essential: true, check: () => db.query('SELECT 1').then(() => 'ok') },
  { name: 'redis', essential: true, check: () => redis.commands.ping().then(() => 'ok') },
];
