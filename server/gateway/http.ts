import compression from 'compression';
import cors from 'cors';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { AppError, describeError, errorCodes, type ErrorBody, type ErrorCode } from '../../shared/errors.ts';
import { newId } from '../../shared/ids.ts';
import { limits } from '../../shared/limits.ts';
import type { Command } from '../../shared/protocol/define.ts';
import { commands } from '../../shared/protocol/index.ts';
import type { Log } from '../platform/log.ts';
import type { Authenticate, Call, Viewer } from './call.ts';
import type { Exposure } from './exposure.ts';
import { inputOf } from './http-input.ts';
import type { Relations, Rule } from './policy.ts';

export type HttpGateway = ReturnType<typeof createHttpGateway>;
export type Route = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'} /${string}`;
export type RouteHandle = (request: Request, response: Response, viewer: Viewer | null) => Promise<unknown>;

type Needs = {
  exposure: Exposure;
  relations: Relations;
  /** Rules of the routes that are not commands. A route without one can't be registered. */
  routePolicy: Readonly<Record<string, Rule>>;
  authenticate: Authenticate;
  allowsOrigin: (origin: string) => boolean;
  trustedProxies: number;
  log: Log;
};

/** The HTTP side: every command that has a binding, and the routes that can't be commands (files, webhooks, WHIP). */
export function createHttpGateway(needs: Needs) {
  const { exposure, relations, routePolicy, authenticate, allowsOrigin, trustedProxies, log } = needs;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', trustedProxies);
  app.set('query parser', 'simple');
  app.use(withRequestId, logRequests(log), securityHeaders(), compression());
  app.use(
    exceptStreams(
      cors({
        origin: (origin, allow) => allow(null, !origin || allowsOrigin(origin)),
        exposedHeaders: ['Location', 'ETag', 'Link', 'X-Request-Id'],
      }),
    ),
  );
  const jsonBody = express.json({ limit: limits.messageBytesMax, strict: false });

  return {
    app,
    /** Binds every command to its route. Call once all features have registered theirs. */
    bindCommands(): void {
      for (const [name, definition] of Object.entries(commands) as [string, Command][]) {
        if (!definition.http) continue;
        const { method, path } = definition.http;
        app[lower(method)](path, jsonBody, async (request: Request, response: Response) => {
          const viewer = await viewerOf(request);
          const reply = await exposure.run(name, viewer, inputOf(definition.input, request), callOf(request));
          response.status(reply.ok ? 200 : errorCodes[reply.error.code].status);
          if (!reply.ok) return sendError(response, reply.error);
          response.json(reply);
        });
      }
    },
    /**
     * Registers a route that is not a command. Its rule comes from the route policy; body parsing is its own affair.
     * Errors thrown by the handler are answered like those of commands.
     */
    route(route: Route, ...handlers: [...RequestHandler[], RouteHandle]): void {
      const rule = routePolicy[route];
      if (!rule) throw new Error(`the route ${route} has no rule`);
      const handle = handlers.pop() as RouteHandle;
      const [method, path] = route.split(' ') as [string, string];
      app[lower(method)](path, ...(handlers as RequestHandler[]), async (request: Request, response: Response) => {
        const viewer = await viewerOf(request, rule.includes('anyone'));
        await relations.check(rule, viewer, request.params);
        await handle(request, response, viewer);
      });
    },
    /** What answers when nothing else did. Call last. */
    bindErrors(): void {
      app.use('/api', unknownRoute);
      app.use(unknownRoute, answerErrors(log));
    },
  };

  /** `lenient`: a foreign Authorization header (a stream key, a webhook's) is nobody, not an error. */
  async function viewerOf(request: Request, lenient = false): Promise<Viewer | null> {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (!token) return null;
    return lenient ? authenticate(token).catch(() => null) : authenticate(token);
  }
}

const lower = (method: string) => method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options';

const callOf = (request: Request): Call => ({ requestId: requestIdOf(request), ip: request.ip ?? 'unknown' });
export const requestIdOf = (request: Request): string => request.headers['x-request-id'] as string;

/** WHIP and WHEP are for clients of any origin, and say so themselves (server/features/stream/whip.routes.ts). */
const exceptStreams =
  (cors: RequestHandler): RequestHandler =>
  (request, response, next) =>
    /^\/wh[ie]p\//.test(request.path) ? next() : cors(request, response, next);

const withRequestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : newId();
  request.headers['x-request-id'] = requestId;
  response.setHeader('X-Request-Id', requestId);
  next();
};

const logRequests =
  (log: Log): RequestHandler =>
  (request, response, next) => {
    const startedMs = performance.now();
    response.on('finish', () => {
      const { method, path } = request;
      const ms = Math.round(performance.now() - startedMs);
      log.debug({ requestId: requestIdOf(request), method, path, status: response.statusCode, ms }, 'request');
    });
    next();
  };

/** Pictures may come from anywhere (products carry URLs); scripts, styles and connections only from us. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:', 'https:', 'http:'],
        mediaSrc: ["'self'", 'blob:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        upgradeInsecureRequests: null,
      },
    },
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
    strictTransportSecurity: false,
  });
}

const unknownRoute: RequestHandler = () => {
  throw new AppError('UNKNOWN_ROUTE');
};

function answerErrors(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, request, response, _next) => {
    const known = asAppError(error);
    if (!known) log.error({ err: error, requestId: requestIdOf(request), path: request.path }, 'request failed');
    if (response.headersSent) return void response.destroy();
    sendError(response, describeError(known ?? error));
  };
}

export function sendError(response: Response, error: ErrorBody): void {
  if (error.retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(error.retryAfterMs / 1_000));
  if (error.code === 'UNAUTHENTICATED') response.setHeader('WWW-Authenticate', 'Bearer');
  response.status(errorCodes[error.code].status).json({ ok: false, error });
}

/** What the body parsers throw, in our words. */
const parserErrors: Record<string, ErrorCode> = {
  'entity.too.large': 'PAYLOAD_TOO_LARGE',
  'entity.parse.failed': 'BAD_INPUT',
  'encoding.unsupported': 'UNSUPPORTED_MEDIA_TYPE',
  'charset.unsupported': 'UNSUPPORTED_MEDIA_TYPE',
};

function asAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (!(error instanceof Error)) return undefined;
  const { type, status } = error as Error & { type?: string; status?: number };
  if (type && parserErrors[type]) return new AppError(parserErrors[type]);
  return status && status >= 400 && status < 500 ? new AppError('BAD_INPUT') : undefined;
}

export type { Express };
