import compression from 'compression';
import express, { type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../../shared/errors.ts';
import { limits } from '../../shared/limits.ts';
import type { Command } from '../../shared/protocol/define.ts';
import { commands } from '../../shared/protocol/index.ts';
import type { Log } from '../platform/log.ts';
import { bodyInTime } from './body-in-time.ts';
import { bodyUpTo } from './body-up-to.ts';
import type { Authenticate, Call, Viewer } from './call.ts';
import type { Exposure } from './exposure.ts';
import type { FloodLimit } from './flood-limit.ts';
import { answerErrors, sendError, unknownRoute } from './http-errors.ts';
import { inputOf } from './http-input.ts';
import { logRequests, requestIdOf, withRequestId } from './http-log.ts';
import { allowOrigins, securityHeaders, type AllowsOrigin } from './http-security.ts';
import { addressReached, networkOfRequest } from './network.ts';
import type { Relations, Rule } from './policy.ts';
import type { Understand } from './understand-error.ts';

export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'} /${string}`;
export type RouteHandle = (request: Request, response: Response, viewer: Viewer | null) => Promise<unknown>;

type Needs = {
  exposure: Exposure;
  relations: Relations;
  /** Rules of the routes that are not commands. A route without one can't be registered. */
  routePolicy: Readonly<Record<string, Rule>>;
  floodLimit: FloodLimit;
  /** What one network may ask of open routes. Not of the bucket that bad tokens use up: keys of streams are no sessions. */
  openRouteLimit: FloodLimit;
  /** Refuses new work while the process stops. */
  closing: () => boolean;
  publicUrl: string | undefined;
  authenticate: Authenticate;
  allowsOrigin: AllowsOrigin;
  trustedProxies: number;
  understand: Understand;
  log: Log;
};

/** The HTTP side: every command that has a binding, and the routes that can't be commands (files, webhooks, WHIP). */
export function createHttpGateway(needs: Needs) {
  const { exposure, relations, routePolicy, floodLimit, authenticate, allowsOrigin, trustedProxies, log } = needs;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // It would hash every answer, and on an error of WHIP it would read as the tag of the session.
  app.set('etag', false);
  app.use(withRequestId, logRequests(log), securityHeaders(needs.publicUrl), compression());
  app.use(allowOrigins(allowsOrigin), needHost, bodyInTime());
  const networkOfCaller = (request: Request): string => networkOfRequest(request, trustedProxies);
  const jsonBody = bodyUpTo(limits.messageBytesMax, (limit) => express.json({ limit, strict: false }));

  const routes: (() => void)[] = [];
  const methodsOf = new Map<string, Set<string>>();

  return {
    app,
    networkOf: networkOfCaller,
    /** The address by which the client of this request reached us. */
    reachedAt: (request: Request): string | undefined => addressReached(request.headers, trustedProxies),
    /**
     * Registers a route that is not a command. Its rule comes from the route policy; body parsing is its own affair.
     * Errors thrown by the handler are answered like those of commands.
     */
    route(route: Route, ...handlers: [...RequestHandler[], RouteHandle]): void {
      const rule = routePolicy[route];
      if (!rule) throw new Error(`the route ${route} has no rule`);
      const handle = handlers.pop() as RouteHandle;
      const [method, path] = route.split(' ') as [string, string];
      const answer = async (request: Request, response: Response): Promise<void> => {
        // Bearers of open routes are no sessions (stream keys, watch grants): taking one for a guess would slow its network down.
        const viewer = rule.includes('anyone') ? null : await viewerOf(request, false);
        const network = networkOfCaller(request);
        if (viewer) floodLimit.take(viewer.personId);
        else needs.openRouteLimit.take(network);
        await relations.check(rule, viewer, request.params, network);
        await handle(request, response, viewer);
      };
      routes.push(() => bindOne(method, path, ...(handlers as RequestHandler[]), answer));
    },
    /** Binds commands and routes. Call once all features have registered theirs, in a process that answers clients. */
    bind(): void {
      const all = Object.entries(commands) as [string, Command][];
      // Fixed addresses first: /api/giveaways/wins must not be taken for a giveaway called "wins".
      const parameters = ({ http }: Command): number => http?.path.split('/:').length ?? 0;
      all.sort(([, one], [, other]) => parameters(one) - parameters(other));
      for (const [name, definition] of all) bindCommand(name, definition);
      for (const bindRoute of routes) bindRoute();
      for (const [path, methods] of methodsOf) app.all(path, refuseOtherMethods(methods));
    },
    /** What answers when nothing else did. Call last. */
    bindErrors(): void {
      app.use('/api', unknownRoute);
      app.use(unknownRoute, answerErrors(needs.understand));
    },
  };

  function bindCommand(name: string, { http, input }: Command): void {
    if (!http) return;
    bindOne(http.method, http.path, onlyJson, jsonBody, async (request: Request, response: Response) => {
      const viewer = await viewerOf(request, startsSession.has(name));
      const reply = await exposure.run(name, viewer, inputOf(input, request), callOf(request));
      if (!reply.ok) return sendError(response, reply.error);
      response.json(reply);
    });
  }

  function bindOne(method: string, path: string, ...handlers: RequestHandler[]): void {
    app[lower(method)](path, refuseWhileClosing, ...handlers);
    const methods = methodsOf.get(path) ?? new Set();
    methodsOf.set(path, methods.add(method));
  }

  function callOf(request: Request): Call {
    return {
      requestId: requestIdOf(request),
      network: networkOfCaller(request),
      reachedAt: addressReached(request.headers, trustedProxies),
      order: 0,
    };
  }

  /** `lenient`: a token that does not count (an expired one at sign-in) is nobody, not an error. */
  async function viewerOf(request: Request, lenient: boolean): Promise<Viewer | null> {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token) return null;
    try {
      return await authenticate(token);
    } catch (error) {
      // Who guesses tokens uses up what their network may ask.
      floodLimit.take(networkOfCaller(request));
      if (lenient) return null;
      throw error;
    }
  }

  function refuseWhileClosing(_request: Request, response: Response, next: () => void): void {
    if (!needs.closing()) return next();
    response.setHeader('Connection', 'close');
    throw new AppError('DRAINING');
  }
}

/** HTTP/1.1 wants it. Node would refuse with an empty answer, so it is told not to look. */
const needHost: RequestHandler = ({ headers, httpVersion }, _response, next) => {
  if (headers.host === undefined && httpVersion === '1.1')
    throw new AppError('BAD_INPUT', 'The header Host is missing.');
  next();
};

const refuseOtherMethods =
  (methods: ReadonlySet<string>): RequestHandler =>
  (_request, response) => {
    response.setHeader('Allow', [...methods].join(', '));
    throw new AppError('METHOD_NOT_ALLOWED');
  };

const onlyJson: RequestHandler = (request, _response, next) => {
  // `is` answers null where there is no body; browsers send `Content-Length: 0` for none, which it takes for one.
  const empty = request.headers['content-length'] === '0';
  if (!empty && request.is('application/json') === false)
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json.');
  next();
};

/** Commands of somebody whose token has just expired: they come for a new one. */
const startsSession = new Set(['session:guest', 'session:sign-in', 'session:exchange', 'session:refresh']);

const lower = (method: string) => method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options';
