import type { Request, RequestHandler, Response } from 'express';
import { AppError, describeError } from '../../shared/errors.ts';
import { sendError } from './http-errors.ts';

/** Who was told that a body is too large may finish sending a small rest, ms: a connection cut at once would take the answer with it. */
const lingerMs = 2_000;

/**
 * A body parser of Express with this limit, which refuses what is too large at once, whether it is announced or only grows: by
 * itself it would read all of it first.
 */
export function bodyUpTo(bytesMax: number, parserUpTo: (limit: number) => RequestHandler): RequestHandler {
  const parse = parserUpTo(bytesMax);
  return (request, response, next) => {
    if (Number(request.headers['content-length']) > bytesMax) return refuse(request, response);
    parse(request, response, next);
    if (request.headers['transfer-encoding']) whenOver(bytesMax, request, () => refuse(request, response));
  };
}

/** Counts beside the parser that reads the same body. */
function whenOver(bytesMax: number, request: Request, run: () => void): void {
  let bytes = 0;
  request.on('data', function count(chunk: Buffer) {
    bytes += chunk.length;
    if (bytes <= bytesMax) return;
    request.off('data', count);
    run();
  });
}

function refuse(request: Request, response: Response): void {
  if (response.headersSent) return;
  sendError(response, describeError(new AppError('PAYLOAD_TOO_LARGE')));
  const timer = setTimeout(() => request.destroy(), lingerMs).unref();
  request.once('close', () => clearTimeout(timer)).resume();
}
