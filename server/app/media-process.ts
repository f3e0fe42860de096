import express from 'express';
import { bodyInTime } from '../gateway/body-in-time.ts';
import { answerErrors, unknownRoute } from '../gateway/http-errors.ts';
import { logRequests, withRequestId } from '../gateway/http-log.ts';
import { createUnderstanding } from '../gateway/understand-error.ts';
import { createLifecycle } from '../platform/lifecycle.ts';
import type { Log } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { Config } from './config.ts';
import { carryMedia, type LeaseTime } from './media.ts';
import { openPort, tellHealth } from './serve.ts';

export type MediaProcess = { url: string; close(): Promise<void> };

type Needs = { config: Config; log: Log; lease?: LeaseTime };

/**
 * The composition root of a process with the role media alone: the media server, the internal API for gateways and other media
 * processes, health and figures. It has no database, and no secret but NIGHTMARKET_MEDIA_TOKEN: a host for media is told nothing more.
 */
export async function startMediaProcess({ config, log, lease }: Needs): Promise<MediaProcess> {
  const lifecycle = createLifecycle({ log, deadlineMs: config.NIGHTMARKET_STOP_SECONDS * 1_000 });
  try {
    const metrics = createMetrics({ processFigures: config.NODE_ENV !== 'test' });
    const platform = { log, lifecycle, metrics };
    const media = carryMedia(platform, config, lease);
    const app = express();
    app.disable('x-powered-by');
    app.set('etag', false);
    app.use(withRequestId, logRequests(log), bodyInTime());
    media.serveInternalApi(app);
    tellHealth({ config, platform, checks: media.checks, app });
    app.use(unknownRoute, answerErrors(createUnderstanding(log)));
    const url = await openPort({ config, platform, app, sockets: null });
    return { url, close: lifecycle.close };
  } catch (error) {
    await lifecycle.close();
    throw error;
  }
}
