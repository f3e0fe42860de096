import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../shared/errors.ts';
import { newId } from '../../../shared/ids.ts';
import { setNewest } from '../../../shared/newest.ts';
import { postToMedia, readAnswer, reasonOfSilence } from '../../../shared/media-call.ts';
import { MediaEvent, mediaVerbs, type MediaVerb, type MediaVerbs } from '../../../shared/media-link.ts';
import { steadyClock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { createTurnsByKey } from '../../platform/turns-by-key.ts';
import type { Sfu } from './sfu.ts';

type Needs = { url: string; token: string; log: Log; holdEveryMs?: number; bounds?: typeof usualBounds };

/** A verb that takes longer has failed. Opening a session takes some 20 ms. */
const answerMsMax = 8_000;
/** Of `status`, which all who ask share: an answer that was lost must not be waited for by the next look too. */
const statusMsMax = 2_000;
/** The media server says something at least every 2 s; silence of this length means that the way to it is gone. */
const heardWithinMs = 6_000;
const reconnectAfterMs = 500;
/**
 * What clients ask for at once: each call is a connection, and holds what was said. One takes some ms, so a rush of 200 who join in a
 * second waits for nothing. Who waits as long as an answer may take is given up; past those who may wait the answer is RETRY.
 */
const usualBounds = {
  ofAll: { atOnce: 100, waitingMax: 4_000, retryAfterMs: 1_000, heldMsMax: 1_000 },
  /** A worker that hangs answers nothing until it is killed, after some 5 s: a busy room of it must not hold the turns of all others. */
  ofKey: { atOnce: 20, waitingMax: 2_000, retryAfterMs: 1_000 },
};
/** Publishers have turns of their own: a crowd that comes back after a fault waits for the host's picture, and must not keep the host out. */
const publishersBounds = {
  ofAll: { atOnce: 50, waitingMax: 500, retryAfterMs: 1_000, heldMsMax: 1_000 },
  ofKey: { atOnce: 10, waitingMax: 100, retryAfterMs: 1_000 },
};
/** Sessions remembered to be a publisher's; of one that is forgotten `connect` stands with the crowd. */
const publishingMax = 2_000;
/**
 * What the house asks: few calls, which must not stand behind a crowd. Rights that end, mutes, and the looks by which is known what there is.
 * `status` and `capabilities` are one call however many ask.
 */
const ahead: ReadonlySet<MediaVerb> = new Set([
  'status',
  'capabilities',
  'rooms',
  'watching',
  'ended',
  'endAll',
  'mute',
]);
/**
 * A media server that is asked nothing for five minutes ends everything (media/lease.ts). The looks at rights ask all the time, but not
 * without PostgreSQL, and a database that is away ends no show.
 */
const holdEveryMsUsual = 60_000;
/** While it is away, looks and pages ask all the time: it is said once, and again after so long. */
const sayAwayEveryMs = 30_000;

/** The media server on another host, by its internal API (media/internal-api.ts). */
export function createHttpSfu({
  url,
  token,
  log,
  holdEveryMs = holdEveryMsUsual,
  bounds = usualBounds,
}: Needs): Sfu & { close(): void } {
  const listeners = new Set<(event: MediaEvent) => void>();
  const stop = new AbortController();
  const gatewayId = newId();
  const inTurn = createTurnsByKey(bounds);
  const inPublishersTurn = createTurnsByKey(publishersBounds);
  const publishing = new Map<string, true>();
  const asking: { [V in 'status' | 'capabilities']?: ReturnType<MediaVerbs[V]> } = {};
  const headers = { authorization: `Bearer ${token}` };
  /** When it was last said that it is away; null while it is there. */
  let awaySaidAtMs: number | null = null;
  void hearEvents();
  const holding = setInterval(() => {
    status().catch(() => undefined); // Said where it is said that it is away.
  }, holdEveryMs);

  const verbs = Object.fromEntries(
    (Object.keys(mediaVerbs) as MediaVerb[]).map((verb) => [verb, (input: unknown) => ask(verb, input)]),
  ) as MediaVerbs;
  return {
    ...verbs,
    status,
    capabilities: () => (asking.capabilities ??= verbs.capabilities({}).finally(() => delete asking.capabilities)),
    open: (input) => verbs.open({ ...input, gatewayId }),
    listen(hear) {
      listeners.add(hear);
      return () => listeners.delete(hear);
    },
    close() {
      clearInterval(holding);
      stop.abort();
    },
  };

  function status(): ReturnType<MediaVerbs['status']> {
    return (asking.status ??= verbs.status({}).finally(() => delete asking.status));
  }

  function turnsOf(verb: MediaVerb, input: unknown): typeof inTurn {
    const { sessionId = '', direction } = input as { sessionId?: string; direction?: string };
    if (verb === 'open' && direction === 'publish') setNewest(publishing, sessionId, true, publishingMax);
    const isPublishers = verb === 'publish' || verb === 'produce' || publishing.has(sessionId);
    return isPublishers ? inPublishersTurn : inTurn;
  }

  async function ask(verb: MediaVerb, input: unknown): Promise<unknown> {
    return mediaVerbs[verb].output.parse(readAnswer(await send(verb, input)));
  }

  async function send(verb: MediaVerb, input: unknown): Promise<unknown> {
    // The wait for a turn counts: while the media server hangs, whoever stands behind the first would wait for ages.
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(verb === 'status' ? statusMsMax : answerMsMax)]);
    const call = () => postToMedia({ url, token }, verb, input, signal);
    try {
      return await (ahead.has(verb) ? call() : turnsOf(verb, input)((input as { roomId: string }).roomId, call));
    } catch (error) {
      if (error instanceof AppError) throw error;
      sayAway(error);
      throw new AppError('UNAVAILABLE', 'Media can not be had right now.', { retryAfterMs: 1_000 });
    }
  }

  async function hearEvents(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await hearOnce();
      } catch (error) {
        sayAway(error);
      }
      await wait(reconnectAfterMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }

  async function hearOnce(): Promise<void> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), heardWithinMs);
    try {
      const signal = AbortSignal.any([stop.signal, silence.signal]);
      const response = await fetch(`${url}/internal/media/events?gateway=${gatewayId}`, { headers, signal });
      if (!response.ok || !response.body) throw new Error(`status ${response.status}`);
      sayBack();
      tell({ type: 'reset' });
      for await (const line of createInterface(Readable.fromWeb(response.body as never))) {
        timer.refresh();
        if (line) hearLine(line);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Without a stack: it is a cut network or a stopped process, and the reason is all there is to know. */
  function sayAway(error: unknown): void {
    const nowMs = steadyClock();
    const isSaid = awaySaidAtMs !== null && nowMs - awaySaidAtMs < sayAwayEveryMs;
    if (isSaid || stop.signal.aborted) return;
    awaySaidAtMs = nowMs;
    log.warn({ reason: reasonOfSilence(error) }, 'the media server does not answer');
  }

  function sayBack(): void {
    if (awaySaidAtMs !== null) log.info('the media server answers again');
    awaySaidAtMs = null;
  }

  /** What is not understood is left out: a media server that was updated first has more to tell. */
  function hearLine(line: string): void {
    const event = MediaEvent.safeParse(JSON.parse(line));
    if (event.success) tell(event.data);
    else log.warn({ err: event.error }, 'an event of the media server is not understood');
  }

  function tell(event: MediaEvent): void {
    for (const hear of listeners) hear(event);
  }
}
