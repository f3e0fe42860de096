import type { Request, RequestHandler } from 'express';
import { newId } from '../../shared/ids.ts';
import type { Log } from '../platform/log.ts';

export const requestIdOf = (request: Request): string => request.headers['x-request-id'] as string;

/** Gives every request an id: the caller's, where it looks like one, else a new one. It goes back in the answer. */
export const withRequestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && /^[\w-]{8,64}$/.test(given) ? given : newId();
  request.headers['x-request-id'] = requestId;
  response.setHeader('X-Request-Id', requestId);
  next();
};

/** One line a request. It names the route, not the path: some paths are secrets (pay pages, WHIP sessions). */
export const logRequests =
  (log: Log): RequestHandler =>
  (request, response, next) => {
    const startedMs = performance.now();
    response.on('finish', () => {
      const route = (request.route as { path?: string } | undefined)?.path ?? '(none)';
      const ms = Math.round(performance.now() - startedMs);
      log.debug(
        { requestId: requestIdOf(request), method: request.method, route, status: response.statusCode, ms },
        'request',
      );
    });
    next();
  };
