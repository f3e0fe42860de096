import { AppError } from '../../shared/errors.ts';
import { createDamper, type Log } from '../platform/log.ts';
import { asOutage } from '../platform/outage.ts';

/** Where it happened: a command or a route, and the request. */
type Where = { command?: string; route?: string | undefined; requestId: string };

export type Understand = ReturnType<typeof createUnderstanding>;

/** An outage fails every request: time between two lines about it, ms. The metrics count each. */
const tellEveryMs = 1_000;

/**
 * What an error of a request means to its caller, after the log was told what an operator must know: our bugs one by one, an
 * outage now and then. One for all ways in, as one outage fails them all.
 */
export function createUnderstanding(log: Log) {
  const damped = createDamper(tellEveryMs);

  return (error: unknown, where: Where): AppError | undefined => {
    if (error instanceof AppError) return error;
    const known = asOutage(error);
    if (!known) log.error({ err: error, ...where }, 'request failed');
    else if (known.code === 'RETRY')
      damped((failed) => log.warn({ err: error, ...where, failed }, 'requests met an outage'));
    return known;
  };
}
