import { inject } from 'vitest';
import type { App } from '../../../server/app/app.ts';
import { readConfig } from '../../../server/app/config.ts';
import type { LeaseTime } from '../../../server/app/media.ts';
import { startMediaProcess, type MediaProcess } from '../../../server/app/media-process.ts';
import { createLog } from '../../../server/platform/log.ts';
import { newId } from '../../../shared/ids.ts';
import type { Session } from '../../../shared/protocol/session.ts';
import { account, call, mediaToken, startTestApp, type TestAppOptions } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';

/** The real application with a real media worker; ready to carry media. */
export async function startMediaApp(
  stores: { databaseUrl: string; redisUrl: string },
  { settings, ...options }: TestAppOptions = {},
): Promise<App> {
  const app = await startTestApp(stores, {
    ...options,
    settings: { MEDIASOUP_WORKER_BIN: workerBin(), NIGHTMARKET_MEDIA_WORKERS: '1', ...settings },
  });
  await mediaReady(app);
  return app;
}

/** A process for media alone, without databases, as gateways on other hosts use it. */
export async function startMediaHost(settings: Record<string, string> = {}, lease?: LeaseTime): Promise<MediaProcess> {
  const config = readConfig({
    NODE_ENV: 'test',
    PORT: '0',
    NIGHTMARKET_HOST: '127.0.0.1',
    NIGHTMARKET_STOP_SECONDS: '3',
    NIGHTMARKET_ROLES: 'media',
    NIGHTMARKET_MEDIA_TOKEN: mediaToken,
    NIGHTMARKET_MEDIA_WORKERS: '1',
    MEDIASOUP_WORKER_BIN: workerBin(),
    ...settings,
  });
  const log = createLog(process.env['NIGHTMARKET_TEST_LOG'] ?? 'silent');
  const media = await startMediaProcess({ config, log, ...(lease && { lease }) });
  await mediaReady(media);
  return media;
}

function workerBin(): string {
  const found = inject('workerBin');
  if (!found) throw new Error('the mediasoup worker is not built: run npm run setup');
  return found;
}

export const mediaReady = (app: Pick<App, 'url'>): Promise<unknown> =>
  eventually(async () => (await call(app, 'GET', '/readyz')).body.parts.media === 'ok', { deadlineMs: 30_000 });

/** A scheduled show with its host. */
export type Show = { roomId: string; host: Session; token: string };

export async function scheduleShow(app: Pick<App, 'url'>, known?: Session): Promise<Show> {
  const host = known ?? (await account(app));
  const { accessToken: token } = host;
  // The same key makes the same room: on a busy machine the first answer may be RETRY.
  const body = { title: 'A show', requestKey: newId() };
  const roomId = await eventually(
    async () => (await call(app, 'POST', '/api/rooms', { token, body })).body.data?.roomId,
  );
  return { roomId, host, token };
}

export async function streamKeyOf(app: Pick<App, 'url'>, { roomId, token }: Show) {
  const made = await call(app, 'POST', `/api/rooms/${roomId}/stream-key`, { token, body: {} });
  return made.body.data as { keyId: string; streamKey: string; whipUrl: string };
}

export async function watchGrantOf(app: Pick<App, 'url'>, roomId: string, { accessToken: token }: Session) {
  const granted = await call(app, 'POST', `/api/rooms/${roomId}/watch-grant`, { token, body: {} });
  return granted.body.data as { whepUrl: string; token: string };
}

export const stateOf = async (app: Pick<App, 'url'>, { roomId, token }: Show): Promise<string> =>
  (await call(app, 'GET', `/api/rooms/${roomId}`, { token })).body.data.state;
