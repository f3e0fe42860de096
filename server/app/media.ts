import { availableParallelism } from 'node:os';
import type { Express } from 'express';
import { withEdges, type SfuWithEdges } from '../../media/edges/edges.ts';
import { serveEdgeFigures } from '../../media/edges/figures.ts';
import { createLinks } from '../../media/edges/links.ts';
import { createInternalApi } from '../../media/internal-api.ts';
import { serveMediaFigures } from '../../media/figures.ts';
import { createLease, type Lease } from '../../media/lease.ts';
import { createLoad } from '../../media/load.ts';
import { createSfu } from '../../media/sfu.ts';
import { watchWorkerBinary, type WorkerBinaryStatus } from '../../media/worker-binary.ts';
import { AppError } from '../../shared/errors.ts';
import { mediaVerbs, type MediaVerbs } from '../../shared/media-link.ts';
import type { MediaStatus } from '../../shared/protocol/media.ts';
import { createHttpSfu } from '../features/stream/sfu.http.ts';
import type { Sfu } from '../features/stream/sfu.ts';
import type { Check } from '../gateway/health.ts';
import { steadyClock } from '../platform/clock.ts';
import type { Platform } from '../platform/platform.ts';
import type { Config } from './config.ts';
import { watchMediaApart } from './media-apart.ts';
import { mediaAddresses, relayListenInfo } from './network-addresses.ts';

/** Whether gateways still ask is looked at seldom beside the five minutes that they have (media/lease.ts). */
const leaseTime = { nowMs: steadyClock, lookEveryMs: 10_000 };
/** The clock of the lease, and how often it is looked at. */
export type LeaseTime = typeof leaseTime;

export type Media = {
  sfu: Sfu;
  /** Media may still be coming up: the rest of the server works without it. */
  checks: readonly Check[];
  /** Opens the internal API for gateways on other hosts, where this process carries media and a secret was agreed on. */
  serveInternalApi(app: Express): void;
};

/** What is needed to carry media: no database. */
type Carrier = Pick<Platform, 'log' | 'lifecycle' | 'metrics'>;

/** The only place that sees both the gateway and the media server. Same verbs, in this process or on another host. */
export function createMedia(platform: Platform, config: Config): Media {
  const { NIGHTMARKET_MEDIA_URL: url, NIGHTMARKET_MEDIA_TOKEN: token } = config;
  if (url && token) return elsewhere(platform, url, token);
  if (!platform.roles.has('media')) return nowhere();
  const media = carryMedia(platform, config);
  return platform.roles.has('gateway') ? { ...media, checks: [...media.checks, watchMediaApart(platform)] } : media;
}

/** Carries media in this process: beside its gateway, or for gateways on other hosts alone. */
export function carryMedia({ log, lifecycle, metrics }: Carrier, config: Config, lease: LeaseTime = leaseTime): Media {
  const isApart = !config.NIGHTMARKET_ROLES.includes('gateway');
  if (tellsOwnNetworks(config))
    log.warn(
      { addresses: mediaAddresses(config) },
      'players are told the addresses of this machine itself; where they reach it under another one, set NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS',
    );
  const binary = watchWorkerBinary(config.NIGHTMARKET_WORKER_STATUS_FILE ?? null, config.MEDIASOUP_WORKER_BIN ?? null);
  const home = createSfu({
    workerBin: binary.ready,
    preparation: () => statusOf(binary.current()),
    count: config.NIGHTMARKET_MEDIA_WORKERS ?? availableParallelism(),
    listenIps: () => mediaAddresses(config),
    announcedAddress: config.NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS,
    firstPort: config.NIGHTMARKET_MEDIA_PORT,
    tcp: config.NIGHTMARKET_MEDIA_TCP,
    publisherBitrateMaxBps: config.NIGHTMARKET_PUBLISHER_MEGABITS_MAX * 1_000_000,
    hasRoom: (coming) => load.hasRoom(coming),
    log,
    nowMs: steadyClock,
  });
  const { NIGHTMARKET_MEDIA_TOKEN: token, NIGHTMARKET_MEDIA_EDGES: urls } = config;
  const listenInfo = () => relayListenInfo(config);
  const addresses = urls.map((url) => ({ url, token: token! }));
  const megabitsMax = config.NIGHTMARKET_MEDIA_MEGABITS_MAX ?? null;
  const load = createLoad({ sfu: home, sendsMaxBps: megabitsMax && megabitsMax * 1_000_000, nowMs: steadyClock });
  const edges =
    urls.length > 0 ? withEdges({ home, homeLoad: load.now, addresses, listenInfo, log, nowMs: steadyClock }) : null;
  const sfu = edges ?? home;
  lifecycle.onClose('media', () => {
    binary.close();
    sfu.close();
  });
  serveMediaFigures(metrics, sfu);
  if (edges) serveEdgeFigures(metrics, edges);
  return {
    sfu,
    // A process for media alone is of no use without it.
    checks: [{ ...checkOf(sfu), essential: isApart }, ...(edges ? [checkOfEdges(edges)] : [])],
    serveInternalApi(app) {
      // The one-process default needs none, so there is none beside its public routes.
      if (!token) return;
      const { asked, look } = createLease({ sfu, nowMs: lease.nowMs });
      const isOwn = (linkId: string): boolean => edges?.hasLink(linkId) ?? false;
      const links = createLinks({ sfu: home, load, isOwn, listenInfo, log, nowMs: steadyClock });
      lifecycle.onClose('media links', links.close);
      app.use('/internal/media', createInternalApi({ sfu, links, token, log, onAsked: asked }));
      // A gateway in this process needs no API to ask.
      if (isApart) lookRepeatedly(look, lease.lookEveryMs, { log, lifecycle });
    },
  };
}

/** Without a turn among other processes, as work over the databases has: each media process looks at what is its own. */
function lookRepeatedly(look: Lease['look'], everyMs: number, { log, lifecycle }: Pick<Carrier, 'log' | 'lifecycle'>) {
  const looking = setInterval(() => {
    look().catch((error: unknown) => log.warn({ err: error }, 'media that nobody asks for could not be ended'));
  }, everyMs);
  lifecycle.onClose('media lease', () => clearInterval(looking));
}

/** Behind a proxy or NAT nobody would get a picture, and nothing else would say why. */
const tellsOwnNetworks = (config: Config): boolean =>
  config.NODE_ENV === 'production' &&
  !config.NIGHTMARKET_MEDIA_ANNOUNCED_ADDRESS &&
  !config.NIGHTMARKET_MEDIA_LISTEN_IP;

function elsewhere({ log, lifecycle }: Platform, url: string, token: string): Media {
  const sfu = createHttpSfu({ url, token, log });
  lifecycle.onClose('media link', sfu.close);
  return { sfu, checks: [checkOf(sfu)], serveInternalApi: () => undefined };
}

/** A process that neither carries media nor was told where it is carried. */
function nowhere(): Media {
  const refuse = async (): Promise<never> => {
    throw new AppError('UNAVAILABLE', 'This server was not told where media is: set NIGHTMARKET_MEDIA_URL.');
  };
  const verbs = Object.fromEntries(Object.keys(mediaVerbs).map((verb) => [verb, refuse])) as unknown as MediaVerbs;
  const sfu = { ...verbs, listen: () => () => undefined };
  return { sfu, checks: [checkOf(sfu)], serveInternalApi: () => undefined };
}

const checkOf = (sfu: Pick<Sfu, 'status'>): Check => ({
  name: 'media',
  essential: false,
  check: async () => {
    const { state, progress } = await sfu.status({});
    return state === 'ready' ? 'ok' : state === 'preparing' ? `preparing ${Math.round(progress * 100)} %` : state;
  },
});

/** Home and those that are there go on without it. By their place in the setting: anybody may ask, and addresses of the inside are nobody's. */
const checkOfEdges = (sfu: SfuWithEdges): Check => ({
  name: 'media edges',
  essential: false,
  check: async () => {
    const bad = sfu.edges().flatMap(({ trouble }, index) => (trouble === null ? [] : [`${index + 1}: ${trouble}`]));
    return bad.length === 0 ? 'ok' : bad.join('; ');
  },
});

const statusOf = (status: WorkerBinaryStatus): MediaStatus => {
  if (status.state === 'preparing') return status;
  if (status.state === 'failed') return { ...status, progress: 0 };
  return { state: 'ready', progress: 1, message: 'The media worker is ready.' };
};
