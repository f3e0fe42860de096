import type { RequestHandler } from 'express';
import { AppError, describeError } from '../../shared/errors.ts';
import { sendError } from './http-errors.ts';

/** Who was told that a body is too large may finish sending a small rest, ms: a connection cut at once would take the answer with it. */
const lingerMs = 2_000;

/**
 * A body parser of Express with this limit, which refuses what is announced as too large at once: by itself it would read all of it
 * first.
 */
export function bodyUpTo(bytesMax: number, parserUpTo: (limit: number) => RequestHandler): RequestHandler {
  const parse = parserUpTo(bytesMax);
  return (request, response, next) => {
    if (!(Number(request.headers['content-length']) > bytesMax)) return void parse(request, response, next);
    sendError(response, describeError(new AppError('PAYLOAD_TOO_LARGE')));
    const timer = setTimeout(() => request.destroy(), lingerMs).unref();
    request.once('close', () => clearTimeout(timer)).resume();
  };
}
