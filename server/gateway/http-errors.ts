import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { AppError, describeError, errorCodes, type ErrorBody, type ErrorCode } from '../../shared/errors.ts';
import type { Log } from '../platform/log.ts';
import { asOutage } from '../platform/outage.ts';
import { requestIdOf } from './http-log.ts';

export const unknownRoute: RequestHandler = () => {
  throw new AppError('UNKNOWN_ROUTE');
};

/** Answers whatever a route threw. The last handler of the application. */
export function answerErrors(log: Log): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  return (error: unknown, request, response, _next) => {
    const known = asAppError(error) ?? asOutage(error);
    const route = (request.route as { path?: string } | undefined)?.path;
    if (!known) log.error({ err: error, requestId: requestIdOf(request), route }, 'request failed');
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
  if (status === 404) return new AppError('UNKNOWN_ROUTE');
  return status && status >= 400 && status < 500 ? new AppError('BAD_INPUT') : undefined;
}
