import { destination, pino, type DestinationStream, type Logger } from 'pino';

export type Log = Logger;

/** Names of fields that never reach a log line, at any of the depths we log at. */
const secrets = ['password', 'accessToken', 'refreshToken', 'token', 'streamKey', 'email', 'authorization', 'cookie'];

/** JSON lines. `level`: pino's names, or `silent`. `sink`: default stdout. */
export function createLog(level: string, sink: DestinationStream = destination(1)): Log {
  const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    { level, redact: { paths, censor: '[redacted]' }, serializers: { err: describeFailure }, base: null },
    sink,
  );
}

/**
 * What a log line says of an error: no more than this, because drivers hang whole commands and rows on theirs (Redis its AUTH
 * with the password, PostgreSQL the row it refused).
 */
function describeFailure(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, code, cause } = error as NodeJS.ErrnoException;
  return { type: name, message, code, stack, ...(cause ? { cause: describeFailure(cause) } : {}) };
}

/**
 * For what comes in thousands when it comes at all: calls `tell` at once, then at most once in `everyMs`, with the number of
 * times since it was last called. The rest of a burst is told when that time is over, in the words of the last one.
 */
export function createDamper(everyMs: number) {
  type Tell = (times: number) => void;
  let untold = 0;
  let latest: Tell | undefined;
  let resting = false;

  return (tell: Tell): void => {
    untold++;
    latest = tell;
    if (!resting) tellNow();
  };

  function tellNow(): void {
    const [tell, times] = [latest, untold];
    [latest, untold] = [undefined, 0];
    resting = tell !== undefined;
    if (!tell) return;
    setTimeout(tellNow, everyMs).unref();
    tell(times);
  }
}
