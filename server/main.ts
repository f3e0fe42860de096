import { flushCompileCache } from 'node:module';
import { isMediaAlone, readConfig, redacted, type Config } from './app/config.ts';
import { networkAddresses } from './app/network-addresses.ts';
import { refuseForeignMediaAddress, refusePortInUse } from './app/port.ts';
import { readSecrets } from './app/secrets.ts';
import { sentenceOf } from './app/start-sentence.ts';
import { openStores } from './app/stores.ts';
import { createLog, type Log } from './platform/log.ts';

type Started = { url: string; close(): Promise<void> };

/** npm sends its script once more what the terminal has sent to both: so soon it is the same Ctrl-C, later somebody who will not wait. */
const sameSignalMs = 1_000;

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
  await refusePortInUse(config);
  await refuseForeignMediaAddress(config);
  const app = await (isMediaAlone(config) ? startMedia(config, log) : startWithStores(config, log));
  let stoppingSinceMs: number | undefined;
  const stop = async (reason: string, code: number): Promise<void> => {
    if (stoppingSinceMs !== undefined) return;
    stoppingSinceMs = performance.now();
    log.info({ reason }, 'stopping');
    endInTime(config, log);
    await app.close();
    process.exit(code);
  };
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => {
    if (performance.now() - (stoppingSinceMs ?? Infinity) > sameSignalMs) process.exit(1);
    void stop('SIGINT', 0);
  });
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
  // Now and not at the end: who is killed is to be back soonest. Does nothing where NODE_COMPILE_CACHE is not set.
  flushCompileCache();
}

// Declared as functions: main runs before the lines below it.
async function startMedia(config: Config, log: Log): Promise<Started> {
  const { startMediaProcess } = await import('./app/media-process.ts');
  return startMediaProcess({ config, log });
}

async function startWithStores(config: Config, log: Log): Promise<Started> {
  // Here and not at the head of the file: who has set something wrong is told at once, and the databases start meanwhile.
  const [stores, { startApp }] = await Promise.all([openStores(config, log), import('./app/app.ts')]);
  const start = async (): Promise<Started> => startApp({ config, ...stores, secrets: readSecrets(config), log });
  const { url, close } = await start().catch(async (error: unknown) => {
    await stores.close();
    throw error;
  });
  return { url, close: () => close().then(stores.close) };
}

function greeting(config: Config, url: string): string {
  const health = `  health   ${url}/readyz`;
  // Another role serves neither pages nor the API.
  const lines = config.NIGHTMARKET_ROLES.includes('gateway') ? [...forPeople(config, url), health] : [health];
  return `\nNightmarket is ready\n${lines.join('\n')}\n`;
}

function forPeople({ NIGHTMARKET_HOST: host, NIGHTMARKET_MEDIA_LISTEN_IP: mediaIp }: Config, url: string): string[] {
  const videoToo = mediaIp !== '127.0.0.1';
  const hint = videoToo ? '' : '  (without video: see NIGHTMARKET_MEDIA_LISTEN_IP)';
  const network = networkAddresses(host, url).map((address) => `  network  ${address}${hint}`);
  return [`  pages    ${url}/`, ...network, `  API      ${url}/docs`];
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
