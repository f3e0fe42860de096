import type { Express, RequestHandler } from 'express';
import type { Metrics } from '../platform/metrics.ts';

/** One thing this process needs. Rejects, or answers with a word other than `ok`, when it is not usable. */
export type Check = { name: string; check: () => Promise<'ok' | (string & {})>; essential: boolean };

type Needs = {
  app: Express;
  checks: readonly Check[];
  metrics: Metrics;
  metricsToken: string | undefined;
  closing: () => boolean;
};

/** A dependency that does not answer within this time counts as down. */
const checkMsMax = 2_000;

/**
 * /healthz: the process runs. /readyz: everything it needs works, each by name; 503 when something essential does not, and
 * while it is stopping. /metrics: Prometheus text.
 */
export function serveHealth({ app, checks, metrics, metricsToken, closing }: Needs): void {
  app.get('/healthz', (_request, response) => void response.json({ ok: true }));

  app.get('/readyz', async (_request, response) => {
    const results = await Promise.all(checks.map(async ({ name, check }) => [name, await outcomeOf(check)] as const));
    const failing = checks.filter(({ essential }, index) => essential && results[index]?.[1] !== 'ok');
    const ready = failing.length === 0 && !closing();
    response.status(ready ? 200 : 503).json({ ready, closing: closing(), parts: Object.fromEntries(results) });
  });

  app.get('/metrics', guard(metricsToken), async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
}

async function outcomeOf(check: Check['check']): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, checkMsMax, 'no answer in time');
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return 'down'; // The reason is in the log; this page is open to anybody.
  } finally {
    clearTimeout(timer);
  }
}

const guard =
  (token: string | undefined): RequestHandler =>
  (request, response, next) => {
    if (!token || request.headers.authorization === `Bearer ${token}`) return next();
    response.status(401).end();
  };
