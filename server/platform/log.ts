import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Names of fields that never reach a log line, at any of the depths we log at. */
const secrets = ['password', 'accessToken', 'refreshToken', 'token', 'streamKey', 'email', 'authorization', 'cookie'];

/** JSON lines on stdout. `level`: pino's names, or `silent`. */
export function createLog(level: string): Log {
  const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, redact: { paths, censor: '[redacted]' }, base: null });
}
