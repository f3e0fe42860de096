import type { CommandName } from '../../shared/protocol/index.ts';
import type { Platform } from '../platform/platform.ts';
import type { Authenticate } from './call.ts';
import { createExposure } from './exposure.ts';
import { createFloodLimit } from './flood-limit.ts';
import type { AllowsOrigin } from './http-security.ts';
import { createHttpGateway } from './http.ts';
import { createRelations, type Rule } from './policy.ts';
import { createSocketGateway } from './socket.ts';
import { createUnderstanding } from './understand-error.ts';

export type Gateway = ReturnType<typeof createGateway>;

type Needs = {
  platform: Platform;
  policy: Readonly<Record<CommandName, Rule>>;
  routePolicy: Readonly<Record<string, Rule>>;
  authenticate: Authenticate;
  allowsOrigin: AllowsOrigin;
  trustedProxies: number;
  publicUrl: string | undefined;
  socketsMax: number;
  socketsPerAddressMax: number;
};

/** Commands one caller may send: a steady rate, and a burst on top for page loads and reconnects. */
const commandsPerSecondMax = 50;
const commandsBurstMax = 200;
/** Routes that are open to anyone, from one network. Wide: a campus may watch, and a provider tells of a rush of payments. */
const openRoutes = { perSecond: 200, burst: 1_000 };

/** How requests come in. Features register commands (`expose`), routes (`route`) and relations (`relate`) here. */
export function createGateway(needs: Needs) {
  const { platform, policy, routePolicy, ...rest } = needs;
  const { log, metrics, nowMs, lifecycle } = platform;
  const closing = (): boolean => lifecycle.closing;
  const relations = createRelations();
  const floodLimit = createFloodLimit({ perSecond: commandsPerSecondMax, burst: commandsBurstMax, nowMs });
  const openRouteLimit = createFloodLimit({ ...openRoutes, nowMs });
  const understand = createUnderstanding(log);
  const exposure = createExposure({ policy, relations, floodLimit, understand, metrics });
  const limits = { floodLimit, openRouteLimit };
  const http = createHttpGateway({ exposure, relations, routePolicy, ...limits, closing, understand, log, ...rest });
  const sockets = createSocketGateway({ exposure, floodLimit, closing, nowMs, log, metrics, ...rest });

  return {
    expose: exposure.expose,
    exposeOpen: exposure.exposeOpen,
    missing: exposure.missing,
    run: exposure.run,
    relate: relations.define,
    route: http.route,
    http,
    sockets,
  };
}
