import type { RequestHandler } from 'express';
import { describeError, AppError } from '../../shared/errors.ts';
import { sendError } from './http-errors.ts';

/** A body of any size may take this long, ms; one that is announced as large gets more, for a slow line. */
const bodyMs = 30_000;
const slowestBytesPerMs = 100;

/** Outer bound for the largest body, ms: what Node itself cuts off. */
export const requestMsMax = 120_000;

/** Ends requests whose body trickles in: each of them holds a connection. */
export const bodyInTime =
  (ms: number = bodyMs): RequestHandler =>
  (request, response, next) => {
    const { 'content-length': announced, 'transfer-encoding': chunked } = request.headers;
    if (!chunked && !Number(announced)) return next();
    const timer = setTimeout(giveUp, ms + Number(announced ?? 0) / slowestBytesPerMs).unref();
    request.once('close', () => clearTimeout(timer));
    next();

    function giveUp(): void {
      if (request.complete) return;
      if (response.headersSent) return void request.destroy();
      response.setHeader('Connection', 'close');
      response.once('finish', () => request.destroy());
      sendError(response, describeError(new AppError('REQUEST_TIMEOUT')));
    }
  };
