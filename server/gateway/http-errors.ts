import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { AppError, describeError, errorCodes, type ErrorBody, type ErrorCode } from '../../shared/errors.ts';
import { requestIdOf } from './http-log.ts';
import type { Understand } from './understand-error.ts';

export const unknownRoute: RequestHandler = () => {
  throw new AppError('UNKNOWN_ROUTE');
};

/** Answers whatever a route threw. The last handler of the application. */
export function answerErrors(understand: Understand): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // oxlint-disable-next-line no-unused-vars
  return (error: unknown, request, response, _next) => {
    // The caller broke off: nobody hears an answer, and it is no outage of ours.
    if (request.destroyed && !request.complete) return void response.destroy();
    const route = (request.route as { path?: string } | undefined)?.path;
    const known = refusedByParser(error) ?? understand(error, { route, requestId: requestIdOf(request) });
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

function refusedByParser(error: unknown): AppError | undefined {
  if (!(error instanceof Error) || error instanceof AppError) return undefined;
  const { type, status } = error as Error & { type?: string; status?: number };
  if (type && parserErrors[type]) return new AppError(parserErrors[type]);
  if (status === 404) return new AppError('UNKNOWN_ROUTE');
  return status && status >= 400 && status < 500 ? new AppError('BAD_INPUT') : undefined;
}
