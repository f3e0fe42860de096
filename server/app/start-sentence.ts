import { postgresSentence } from '../platform/postgres-trouble.ts';
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
  };
  return (code && known[code]) ?? postgresSentence(error) ?? stack ?? String(error);
}
