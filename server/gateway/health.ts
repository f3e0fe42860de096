import { timingSafeEqual } from 'node:crypto';
import type { Express, RequestHandler } from 'express';
import { inTime } from '../platform/in-time.ts';
import { createDamper, type Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';

/** One thing this process needs. Rejects, or answers with a word other than `ok`, when it is not usable. */
export type Check = { name: string; check: () => Promise<'ok' | (string & {})>; essential: boolean };

type Needs = {
  app: Express;
  checks: readonly Check[];
  metrics: Metrics;
  metricsToken: string | undefined;
  /** Whether figures are shown to anybody where no token is set. */
  metricsOpen: boolean;
  closing: () => boolean;
  log: Log;
};

/** A dependency that does not answer within this time counts as down. */
const checkMsMax = 2_000;
/** Anybody may ask, so the parts are asked this often at the most, however many ask. */
const answerKeptMs = 500;
/** Time between two lines about one part that is down, ms. */
const tellEveryMs = 10_000;

/**
 * /healthz: the process takes requests. /readyz: everything it needs works, each by name; 503 when something essential does not.
 * Both are 503 while it is stopping. A proxy goes by /healthz: without a database there are still pages, and errors with a code.
 * /metrics: Prometheus text.
 */
export function serveHealth({ app, checks, metrics, metricsToken, metricsOpen, closing, log }: Needs): void {
  const tellers = checks.map(({ name }) => createTeller(log, name));
  const outcomes = keptFor(answerKeptMs, () =>
    Promise.all(checks.map((each, index) => outcomeOf(each, tellers[index]!))),
  );

  app.get('/healthz', (_request, response) => {
    const ok = !closing();
    response.status(ok ? 200 : 503).json({ ok });
  });

  app.get('/readyz', async (_request, response) => {
    const results = await outcomes();
    const failing = checks.filter(({ essential }, index) => essential && results[index] !== 'ok');
    const ready = failing.length === 0 && !closing();
    const parts = Object.fromEntries(checks.map(({ name }, index) => [name, results[index]]));
    response.status(ready ? 200 : 503).json({ ready, closing: closing(), parts });
  });

  app.get('/metrics', guard(metricsToken, metricsOpen), async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
}

/** One call at a time, its answer shared by all who ask while it runs and for `ms` after. */
function keptFor<T>(ms: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let freshUntilMs = Infinity;
  return () => {
    if (answer && performance.now() < freshUntilMs) return answer;
    freshUntilMs = Infinity;
    answer = ask().finally(() => (freshUntilMs = performance.now() + ms));
    return answer;
  };
}

/** The reason goes to the log: the page is open to anybody. And now and then: so anybody can ask all through an outage. */
function createTeller(log: Log, part: string): (error: unknown) => void {
  const damped = createDamper(tellEveryMs);
  return (error) => damped((times) => log.warn({ err: error, part, times }, 'not ready'));
}

async function outcomeOf({ check }: Check, tell: (error: unknown) => void): Promise<string> {
  try {
    return await inTime(check(), checkMsMax, 'no answer in time');
  } catch (error) {
    tell(error);
    return 'down';
  }
}

const guard =
  (token: string | undefined, open: boolean): RequestHandler =>
  (request, response, next) => {
    if (token ? isBearer(request.headers.authorization, token) : open) return next();
    response.status(token ? 401 : 404).end();
  };

function isBearer(header: string | undefined, token: string): boolean {
  const [given, wanted] = [Buffer.from(header ?? ''), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
