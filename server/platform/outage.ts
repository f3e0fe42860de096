import pg from 'pg';
import { AppError } from '../../shared/errors.ts';

/** How long a caller should wait before it tries again, ms. */
const retryAfterMs = 500;

/** SQLSTATE classes and codes of a server that is away, stopping, full, or too slow, or that gave us up for asleep; not of a statement that is wrong. */
const postgresOutage = /^(08...|53...|57P0[1235]|57014|40001|40P01|55P03|25006|25P03)$/;
const systemOutage = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What pg and ioredis say without a code. */
const driverOutage =
  /timeout exceeded when trying to connect|Query read timeout|Connection terminated|Client has encountered a connection error|Connection is closed|Command timed out|enableOfflineQueue|max retries per request/;
/** A Redis that can't serve now: starting, full, behind, at a long script, or kept from writing by its disk or for want of replicas. */
const redisOutage = /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|OOM|MISCONF|NOREPLICAS|BUSY)\b/;
/** Text that PostgreSQL can't hold: a NUL, or half of a surrogate pair. The request is at fault, not the server. */
const unstorableText = new Set(['22021', '22P05']);

const foreignKeyViolation = '23503';
/** Keys of columns that hold a person whom the caller named, and who is not there or not any more. Any other is a bug of ours. */
const namesNobody = /_(person|host)_id_fkey$/;

/** True when Redis answered, and what it said is a bug of ours: any other error of its driver means that it is away. */
export const isRedisBug = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ReplyError' && !redisOutage.test(error.message);

/**
 * What a driver's error means to a caller: RETRY while a database is away or overloaded, BAD_INPUT for text that can't be
 * stored, NOT_FOUND for what names a person who does not exist. Undefined for everything else, which is a bug of ours.
 */
export function asOutage(error: unknown): AppError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof pg.DatabaseError && code && unstorableText.has(code)) {
    return new AppError('BAD_INPUT', 'The text has a character that can not be stored.');
  }
  if (error instanceof pg.DatabaseError && code === foreignKeyViolation && namesNobody.test(error.constraint ?? '')) {
    return new AppError('NOT_FOUND');
  }
  const known = code
    ? systemOutage.has(code) || (error instanceof pg.DatabaseError && postgresOutage.test(code))
    : false;
  return known || driverOutage.test(error.message) || redisOutage.test(error.message)
    ? new AppError('RETRY', undefined, { retryAfterMs })
    : undefined;
}
