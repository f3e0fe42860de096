import { StartError } from '../platform/start-error.ts';
import { ConfigError } from './config.ts';

/** One sentence for what a person can mend; the whole stack for what they can't. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EADDRINUSE: `The port is already in use: set PORT to another one. (${message})`,
    EADDRNOTAVAIL: `This machine does not have the address in NIGHTMARKET_HOST. (${message})`,
    EACCES: `A permission is missing: ${message}`,
    EROFS: `The disk can't be written to: ${message}`,
    ENOSPC: `The disk is full: ${message}`,
    ECONNRESET: `A connection was cut while starting: ${message}`,
    ETIMEDOUT: `PostgreSQL or Redis does not answer in time: ${message}`,
    EHOSTUNREACH: `PostgreSQL or Redis can't be reached: ${message}`,
    ECONNREFUSED: `PostgreSQL does not answer: ${message || 'check DATABASE_URL'}`,
    ENOTFOUND: `A host name can't be found: ${message}`,
    EAI_AGAIN: `A host name can't be looked up now: ${message}`,
    '28000': `PostgreSQL does not let us in: ${message}`,
    '28P01': `PostgreSQL refused the password in DATABASE_URL: ${message}`,
    '3D000': `The database in DATABASE_URL does not exist: ${message}`,
    '42501': `The user in DATABASE_URL must own the database or its schema: ${message}`,
    '53300': `PostgreSQL has no connection left: ${message}`,
    '57P03': `PostgreSQL is starting or stopping: ${message}`,
  };
  if (/^timeout expired|timeout exceeded when trying to connect/.test(message))
    return 'PostgreSQL does not answer in time: check DATABASE_URL.';
  if (/SSL connections|self-signed certificate|unable to verify/.test(message))
    return `PostgreSQL and we do not agree on encryption: check sslmode in DATABASE_URL. (${message})`;
  return (code && known[code]) ?? stack ?? String(error);
}
