import { ConfigError, readConfig, redacted } from './app/config.ts';
import { startApp } from './app/app.ts';
import { readSecrets } from './app/secrets.ts';
import { openStores } from './app/stores.ts';
import { createLog } from './platform/log.ts';

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
  const app = await startApp({ config, ...stores, secrets: await readSecrets(config), log }).catch(
    async (error: unknown) => {
      await stores.close();
      throw error;
    },
  );
  const stop = async (reason: string, code: number): Promise<never> => {
    log.info({ reason }, 'stopping');
    await app.close();
    await stores.close();
    process.exit(code);
  };
  process.once('SIGTERM', () => void stop('SIGTERM', 0));
  process.once('SIGINT', () => void stop('SIGINT', 0));
  // The set-up that started us is gone, perhaps by kill -9: nobody else could stop us.
  process.once('disconnect', () => void stop('the set-up is gone', 0));
  // A bug has left us in a state nobody thought of: say so and let the supervisor start afresh.
  process.once('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    void stop('uncaught exception', 1);
  });

  // Last: whoever reads this may stop us at once, and gets a graceful stop.
  console.log(
    `\nNightmarket is ready\n  pages    ${app.url}/\n  API      ${app.url}/docs\n  health   ${app.url}/readyz\n`,
  );
  process.send?.({ ready: app.url });
}

/** One sentence for what a person can mend; the whole stack for what they can't. */
function sentenceOf(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    EADDRINUSE: `The port is already in use: set PORT to another one. (${message})`,
    EACCES: `A permission is missing: ${message}`,
    ECONNREFUSED: `A database does not answer: ${message || 'check DATABASE_URL and REDIS_URL'}`,
    ENOTFOUND: `A host name can't be found: ${message}`,
    '28P01': `PostgreSQL refused the password in DATABASE_URL: ${message}`,
    '3D000': `The database in DATABASE_URL does not exist: ${message}`,
  };
  return (code && known[code]) ?? (message.startsWith('The ') ? message : (stack ?? String(error)));
}
