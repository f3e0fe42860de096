import { startApp, type App } from './app/app.ts';
import { ConfigError, readConfig, redacted, type Config } from './app/config.ts';
import { networkAddresses } from './app/network-addresses.ts';
import { readSecrets } from './app/secrets.ts';
import { openStores, type Stores } from './app/stores.ts';
import { createLog, type Log } from './platform/log.ts';
import { StartError } from './platform/start-error.ts';

// The only place that reads the environment, handles signals and ends the process.
try {
  await main();
} catch (error) {
  console.error(sentenceOf(error));
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.NIGHTMARKET_LOG_LEVEL);
  log.info({ settings: redacted(config) }, 'starting');
  const stores = await openStores(config, log);
  const app = await start(config, stores, log).catch(async (error: unknown) => {
    await stores.close();
    throw error;
  });
  let stopping = false;
  const stop = async (reason: string, code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    endInTime(config, log);
    await app.close();
    await stores.close();
    process.exit(code);
  };
  process.once('SIGTERM', () => void stop('SIGTERM', 0));
  process.once('SIGINT', () => void stop('SIGINT', 0));
  // The set-up that started us is gone, perhaps by kill -9: nobody else could stop us.
  process.once('disconnect', () => void stop('the set-up is gone', 0));
  if (process.send && !process.connected) return stop('the set-up is gone', 0);
  // A bug has left us in a state nobody thought of: say so and let the supervisor start afresh.
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    void stop('uncaught exception', 1);
  });

  // Last: whoever reads this may stop us at once, and gets a graceful stop.
  console.log(greeting(config, app.url));
  process.send?.({ ready: app.url });
}

// Declared as functions: main runs before the lines below it.
function greeting({ NIGHTMARKET_HOST: host, NIGHTMARKET_MEDIA_LISTEN_IP: mediaIp }: Config, url: string): string {
  const videoToo = mediaIp !== '127.0.0.1';
  const hint = videoToo ? '' : '  (without video: see NIGHTMARKET_MEDIA_LISTEN_IP)';
  const network = networkAddresses(host, url).map((address) => `  network  ${address}${hint}`);
  const lines = [`  pages    ${url}/`, ...network, `  API      ${url}/docs`, `  health   ${url}/readyz`];
  return `\nNightmarket is ready\n${lines.join('\n')}\n`;
}

/** Embedded databases that were told to stop together with us, say: nothing that hangs keeps the process. Children end with it. */
function endInTime({ NIGHTMARKET_STOP_SECONDS }: Config, log: Log): void {
  const marginSeconds = 5;
  setTimeout(
    () => {
      log.fatal('the stop took too long');
      process.exit(1);
    },
    (NIGHTMARKET_STOP_SECONDS + marginSeconds) * 1_000,
  ).unref();
}

async function start(config: Config, stores: Stores, log: Log): Promise<App> {
  return startApp({ config, ...stores, secrets: readSecrets(config), log });
}

/** One sentence for what a person can mend; the whole stack for what they can't. */
function sentenceOf(error: unknown): string {
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
